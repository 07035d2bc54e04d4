# A cask for a tap of one's own: fill in the checksums that the release's SHA256SUMS names.
cask "sobremesa" do
  arch arm: "arm64", intel: "x86_64"

  version "0.1.0"
  sha256 arm:   "0000000000000000000000000000000000000000000000000000000000000000",
         intel: "0000000000000000000000000000000000000000000000000000000000000000"

  url "https://github.com/sobremesa/sobremesa/releases/download/v#{version}/sobremesa-#{version}-macos-#{arch}.dmg"
  name "Sobremesa"
  desc "Local language models and your own documents"
  homepage "https://github.com/sobremesa/sobremesa"

  depends_on macos: ">= :ventura"

  app "Sobremesa.app"
  binary "#{appdir}/Sobremesa.app/Contents/MacOS/sobremesa"

  # what the person made stays until it is asked for
  zap trash: "~/Library/Application Support/sobremesa"
end
