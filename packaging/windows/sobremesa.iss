; Inno Setup 6: the installer for Windows, from the application folder that packaging/build.py makes there.
;   iscc /DVersion=0.1.0 /DFolder=..\..\build\package\application packaging\windows\sobremesa.iss
; Signed where the signing tool is named: iscc /Ssign="signtool sign /fd sha256 /tr URL /td sha256 $f" /DSign=1 ...

#ifndef Version
  #error "Say which version: /DVersion=0.1.0"
#endif
#ifndef Folder
  #define Folder "..\..\build\package\application"
#endif

[Setup]
AppId={{6E1B6C0E-52A4-4C0B-9C7E-6A0B7C1B0D35}
AppName=Sobremesa
AppVersion={#Version}
AppPublisher=The Sobremesa authors
DefaultDirName={autopf}\Sobremesa
DefaultGroupName=Sobremesa
DisableProgramGroupPage=yes
; for one person without an administrator, or for everybody with one
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir=..\..\dist
OutputBaseFilename=sobremesa-{#Version}-windows-x86_64
Compression=lzma2/max
SolidCompression=yes
LicenseFile=..\..\LICENSE
UninstallDisplayIcon={app}\Sobremesa.exe
WizardStyle=modern
; a program that runs is asked to close, as its own menu would
CloseApplications=yes
#ifdef Sign
SignTool=sign
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "es"; MessagesFile: "compiler:Languages\Spanish.isl"

[CustomMessages]
en.OnPath=Use "sobremesa-cli" in terminals
es.OnPath=Usar «sobremesa-cli» en los terminales
en.Model=GGUF language model
es.Model=Modelo de lenguaje GGUF

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "onpath"; Description: "{cm:OnPath}"; Flags: unchecked

[Files]
Source: "{#Folder}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[InstallDelete]
; of an older version: a module that went must not be found
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{autoprograms}\Sobremesa"; Filename: "{app}\Sobremesa.exe"; AppUserModelID: "Sobremesa.Sobremesa"
Name: "{autodesktop}\Sobremesa"; Filename: "{app}\Sobremesa.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.gguf"; ValueType: string; ValueName: ""; ValueData: "Sobremesa.gguf"; Flags: uninsdeletevalue createvalueifdoesntexist
Root: HKA; Subkey: "Software\Classes\Sobremesa.gguf"; ValueType: string; ValueName: ""; ValueData: "{cm:Model}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Sobremesa.gguf\shell\open\command"; ValueType: string; ValueName: ""; ValueData: """{app}\Sobremesa.exe"" ""%1"""
Root: HKA; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\sobremesa-cli.exe"; ValueType: string; ValueName: ""; ValueData: "{app}\sobremesa-cli.exe"; Tasks: onpath; Flags: uninsdeletekey

[Run]
Filename: "{app}\Sobremesa.exe"; Description: "{cm:LaunchProgram,Sobremesa}"; Flags: nowait postinstall skipifsilent

; {localappdata}\sobremesa holds what the person made: uninstalling leaves it
