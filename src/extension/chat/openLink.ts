/** Links in answers: a model wrote them, so a person decides. */
import * as vscode from 'vscode';

/** Opens an address of the web after the person has seen it and agreed; anything else is not opened. */
export async function openLink(href: string): Promise<void> {
  const uri = webAddress(href);
  if (uri === undefined) return;
  const open = 'Open';
  const chosen = await vscode.window.showWarningMessage(
    'Open this address? It comes from an answer of the model.',
    { modal: true, detail: uri.toString() },
    open,
  );
  if (chosen === open) await vscode.env.openExternal(uri);
}

function webAddress(href: string): vscode.Uri | undefined {
  try {
    const uri = vscode.Uri.parse(href, true);
    return uri.scheme === 'https' || uri.scheme === 'http' ? uri : undefined;
  } catch {
    return undefined;
  }
}
