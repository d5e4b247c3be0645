/** Reads the rules of the theme that the editor shows. */
import * as vscode from 'vscode';
import { parse } from 'jsonc-parser';
import { tokenColours, type TokenRule } from './tokenColours';

/** Themes build on others, a few levels deep. */
const MAX_INCLUDES = 8;

interface ThemeContribution {
  readonly id?: string;
  readonly label?: string;
  readonly path?: string;
}

interface ThemeFile {
  readonly include?: string;
  readonly tokenColors?: unknown;
}

/** The theme's colours of code; empty where its file cannot be found or read. Never rejects. */
export async function themeColours(): Promise<Record<string, string>> {
  try {
    const file = themeFile(themeName());
    return file === undefined ? {} : tokenColours(await rulesOf(file, MAX_INCLUDES));
  } catch {
    return {};
  }
}

/** The name in the settings; which of them counts depends on what the system shows. */
function themeName(): string {
  const { kind } = vscode.window.activeColorTheme;
  const workbench = vscode.workspace.getConfiguration('workbench');
  const window = vscode.workspace.getConfiguration('window');
  const dark = kind === vscode.ColorThemeKind.Dark || kind === vscode.ColorThemeKind.HighContrast;
  const isHighContrast =
    kind === vscode.ColorThemeKind.HighContrast || kind === vscode.ColorThemeKind.HighContrastLight;
  if (isHighContrast && window.get<boolean>('autoDetectHighContrast') === true) {
    return workbench.get(
      dark ? 'preferredHighContrastColorTheme' : 'preferredHighContrastLightColorTheme',
      '',
    );
  }
  if (window.get<boolean>('autoDetectColorScheme') === true) {
    return workbench.get(dark ? 'preferredDarkColorTheme' : 'preferredLightColorTheme', '');
  }
  return workbench.get('colorTheme', '');
}

function themeFile(name: string): vscode.Uri | undefined {
  for (const extension of vscode.extensions.all) {
    const { contributes } = extension.packageJSON as { readonly contributes?: { readonly themes?: unknown } };
    const themes = Array.isArray(contributes?.themes) ? (contributes.themes as ThemeContribution[]) : [];
    const theme = themes.find(({ id, label }) => id === name || label === name);
    if (theme?.path !== undefined) return vscode.Uri.joinPath(extension.extensionUri, theme.path);
  }
  return undefined;
}

/** A theme's own rules stand behind those that it includes. */
async function rulesOf(file: vscode.Uri, includes: number): Promise<readonly TokenRule[]> {
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  const theme = parse(text) as ThemeFile;
  const own = Array.isArray(theme.tokenColors) ? (theme.tokenColors as TokenRule[]) : [];
  if (theme.include === undefined || includes === 0) return own;
  return [...(await rulesOf(vscode.Uri.joinPath(file, '..', theme.include), includes - 1)), ...own];
}
