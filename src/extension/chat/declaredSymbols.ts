/** What a document declares, from the language's support in the editor, else from its grammar. */
import * as vscode from 'vscode';
import type { Syntax } from '../../assist/syntax/syntax';

/** Everything that a document declares, outer before inner. */
export class DeclaredSymbols {
  constructor(private readonly syntax: Syntax) {}

  async of(document: vscode.TextDocument): Promise<readonly vscode.DocumentSymbol[]> {
    const found = await vscode.commands.executeCommand<
      (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
    >('vscode.executeDocumentSymbolProvider', document.uri);
    const provided = flat(
      (found ?? []).filter((symbol): symbol is vscode.DocumentSymbol => 'children' in symbol),
    );
    // Many editors have no support of the language installed, and none is needed for this.
    return provided.length > 0 ? provided : this.#fromGrammar(document);
  }

  async #fromGrammar(document: vscode.TextDocument): Promise<vscode.DocumentSymbol[]> {
    const symbols = (await this.syntax.symbols(document.getText(), document.languageId)) ?? [];
    return symbols.map(({ name, kind, startLine, endLine }) => {
      const range = new vscode.Range(
        document.lineAt(startLine).range.start,
        document.lineAt(endLine).range.end,
      );
      return new vscode.DocumentSymbol(name, '', KINDS[kind], range, range);
    });
  }
}

const flat = (symbols: readonly vscode.DocumentSymbol[]): vscode.DocumentSymbol[] =>
  symbols.flatMap((symbol) => [symbol, ...flat(symbol.children)]);

const KINDS = {
  function: vscode.SymbolKind.Function,
  method: vscode.SymbolKind.Method,
  class: vscode.SymbolKind.Class,
  type: vscode.SymbolKind.Interface,
} as const;
