package main

import "strings"

// setupScript is the script of a Windows installer for Inno Setup 6 (ISCC):
// it puts the executable under Program Files and makes it a service.
func setupScript(version, exe string) string {
	return strings.NewReplacer("VERSION", version, "EXECUTABLE", exe).Replace(`; Inno Setup 6: ISCC.exe shohay-VERSION-windows-setup.iss, beside EXECUTABLE
[Setup]
AppId={{6B7C3C5E-6C0F-4B0E-9A43-0B1B0C1D5A11}
AppName=Shohay
AppVersion=VERSION
AppPublisher=Shohay
DefaultDirName={autopf}\Shohay
DisableProgramGroupPage=yes
PrivilegesRequired=admin
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
OutputBaseFilename=shohay-VERSION-windows-setup
Compression=lzma2
SolidCompression=yes
UninstallDisplayIcon={app}\shohay.exe

[Files]
Source: "EXECUTABLE"; DestDir: "{app}"; DestName: "shohay.exe"; BeforeInstall: StopService

[Run]
Filename: "{app}\shohay.exe"; Parameters: "install"; Flags: runhidden; StatusMsg: "Making Shohay a service..."
Filename: "{app}\shohay.exe"; Parameters: "restart"; Flags: runhidden
Filename: "http://127.0.0.1:8090/desk/"; Flags: shellexec postinstall skipifsilent; Description: "Open the desk"

[UninstallRun]
Filename: "{app}\shohay.exe"; Parameters: "uninstall"; Flags: runhidden; RunOnceId: "service"

[Code]
procedure StopService();
var code: Integer;
begin
  if FileExists(ExpandConstant('{app}\shohay.exe')) then
    Exec(ExpandConstant('{app}\shohay.exe'), 'stop', '', SW_HIDE, ewWaitUntilTerminated, code);
end;
`)
}
