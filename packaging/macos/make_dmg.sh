#!/usr/bin/env bash
# Sign Sobremesa.app, put it into a .dmg, have Apple notarize it. On a Mac with Xcode's command line tools.
#   packaging/macos/make_dmg.sh build/package/frozen/Sobremesa.app 0.1.0 dist
# SIGNING_IDENTITY: "Developer ID Application: ..."; without it the signature is ad hoc and nothing is notarized.
# NOTARY_PROFILE: what `xcrun notarytool store-credentials` was told to call it.
set -euo pipefail

app=$1 version=$2 out=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
identity=${SIGNING_IDENTITY:--}
options=(--force --sign "$identity")
if [ "$identity" != "-" ]; then
  options+=(--timestamp --options runtime --entitlements "$here/entitlements.plist")
fi

# from the inside out: a signature seals what lies below
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 | xargs -0 codesign "${options[@]}"
find "$app/Contents/MacOS" -type f -perm -u+x -print0 | xargs -0 codesign "${options[@]}"
codesign "${options[@]}" "$app"
codesign --verify --deep --strict "$app"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$app" "$folder/"
ln -s /Applications "$folder/Applications"
mkdir -p "$out"
image="$out/sobremesa-$version-macos-$(uname -m).dmg"
rm -f "$image"
hdiutil create -volname Sobremesa -srcfolder "$folder" -fs HFS+ -format UDZO "$image"

if [ "$identity" != "-" ]; then
  codesign --force --sign "$identity" --timestamp "$image"
fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
  xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
  xcrun stapler staple "$image"
  spctl --assess --type open --context context:primary-signature "$image"
fi
echo "$image"
