@echo off
rem Installs spatialplan from this folder without a network. Needs Python @PYTHON@ (64 bits) only.
rem This file is plain ASCII, so that it reads alike under every code page.
setlocal
pushd "%~dp0"
set "FOUND="
py -@PYTHON@ -c "import sys" >nul 2>nul && set "FOUND=py -@PYTHON@"
if defined FOUND goto install
python -c "import sys; sys.exit(sys.version_info[:2] != tuple(map(int, '@PYTHON@'.split('.'))))" >nul 2>nul && set "FOUND=python"
if defined FOUND goto install
echo.
echo Python @PYTHON@ was not found on this computer.
echo README.txt, which opens now, says in Chinese and English what to do.
start "" notepad.exe "%~dp0README.txt"
popd
pause
exit /b 2
:install
%FOUND% install.py %*
set "CODE=%ERRORLEVEL%"
popd
pause
exit /b %CODE%
