import { Syntax } from '../../src/assist/syntax/syntax';

/** Grammars from the package that they come in. */
export const testSyntax = (): Syntax => new Syntax('node_modules/@vscode/tree-sitter-wasm/wasm');
