/**
 * What tree-sitter's grammars tell of a text: where it does not parse, and which symbols it has. Trees live in the
 * memory of a WebAssembly module and are freed here; what comes out is plain data.
 */
import { join } from 'node:path';
import { Language, Parser, type Node } from '@vscode/tree-sitter-wasm';
import { grammarOf, type Grammar, type SymbolKind } from './grammars';

/** A place that the grammar cannot read. */
export interface SyntaxProblem {
  /** From 0. */
  readonly line: number;
  readonly text: string;
}

export interface CodeSymbol {
  readonly name: string;
  readonly kind: SymbolKind;
  /** Names of the symbols around it, outermost first. */
  readonly within: readonly string[];
  /** Lines from 0, both included, with decorators and `export`. */
  readonly startLine: number;
  readonly endLine: number;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** Where its own declaration begins, behind decorators and `export`. */
  readonly declaration: number;
  /** Offset of its body; absent where it has none. */
  readonly body?: number;
  readonly exported: boolean;
}

/** A call that is a statement, with a text as its first argument: `it('adds', () => …)`. */
export interface LabelledCall {
  /** The first name of what is called: `it` of `it.only`. */
  readonly callee: string;
  readonly label: string;
  /** Labels of the calls around it, outermost first. */
  readonly within: readonly string[];
  /** UTF-16 offsets of the statement. */
  readonly start: number;
  readonly end: number;
}

/** Problems beyond this many are the same as this many: the text is no code of that language. */
const MAX_PROBLEMS = 200;
/** The longest text of a problem that is worth showing, in UTF-16 units. */
const PROBLEM_UNITS = 80;

export class Syntax {
  static #runtime: Promise<void> | undefined;
  readonly #languages = new Map<string, Promise<Language>>();

  /** @param folder of `tree-sitter.wasm` and `tree-sitter-NAME.wasm` */
  constructor(private readonly folder: string) {}

  /** Places that do not parse; undefined for a language without a grammar. */
  problems(text: string, languageId: string): Promise<readonly SyntaxProblem[] | undefined> {
    return this.#read(text, languageId, (root, { name }) => problemsOf(root, name === 'python'));
  }

  /** Whether a text parses without a problem; undefined for a language without a grammar. */
  async parses(text: string, languageId: string): Promise<boolean | undefined> {
    const problems = await this.problems(text, languageId);
    return problems && problems.length === 0;
  }

  /**
   * Whether a text parses at least as well as another one: code around an edit may be broken already.
   *
   * @returns undefined for a language without a grammar
   */
  async parsesAsWell(text: string, before: string, languageId: string): Promise<boolean | undefined> {
    const now = await this.problems(text, languageId);
    if (now === undefined || now.length === 0) return now && true;
    const then = (await this.problems(before, languageId)) ?? [];
    return now.length <= then.length;
  }

  /** Symbols in the order of the text, inner ones after the outer; undefined for a language without a grammar. */
  symbols(text: string, languageId: string): Promise<readonly CodeSymbol[] | undefined> {
    return this.#read(text, languageId, (root, grammar) => symbolsOf(root, grammar));
  }

  /** Calls with a label, outer ones before the inner; for JavaScript and TypeScript. */
  calls(text: string, languageId: string): Promise<readonly LabelledCall[] | undefined> {
    return this.#read(text, languageId, (root) => callsOf(root));
  }

  /** The innermost symbol around an offset of those that are accepted. */
  async symbolAt(
    text: string,
    languageId: string,
    offset: number,
    accept: (symbol: CodeSymbol) => boolean = () => true,
  ): Promise<CodeSymbol | undefined> {
    const all = (await this.symbols(text, languageId)) ?? [];
    const around = all.filter((symbol) => symbol.start <= offset && offset <= symbol.end && accept(symbol));
    return around.at(-1);
  }

  /** The grammar itself, for those who keep trees; undefined for a language without one. */
  async language(languageId: string): Promise<Language | undefined> {
    const grammar = grammarOf(languageId);
    return grammar && this.#load(grammar.name);
  }

  async #read<T>(
    text: string,
    languageId: string,
    look: (root: Node, grammar: Grammar) => T,
  ): Promise<T | undefined> {
    const grammar = grammarOf(languageId);
    if (grammar === undefined) return undefined;
    const language = await this.#load(grammar.name);
    const parser = new Parser();
    try {
      parser.setLanguage(language);
      const tree = parser.parse(text);
      if (tree === null) return undefined;
      try {
        return look(tree.rootNode, grammar);
      } finally {
        tree.delete();
      }
    } finally {
      parser.delete();
    }
  }

  async #load(name: string): Promise<Language> {
    // One module serves all grammars of the process; it is set up when it is first wanted.
    Syntax.#runtime ??= Parser.init({ locateFile: (file: string) => join(this.folder, file) });
    await Syntax.#runtime;
    let language = this.#languages.get(name);
    if (language === undefined) {
      language = Language.load(join(this.folder, `tree-sitter-${name}.wasm`));
      this.#languages.set(name, language);
    }
    return language;
  }
}

function problemsOf(root: Node, python: boolean): SyntaxProblem[] {
  const found: SyntaxProblem[] = [];
  const visit = (node: Node): void => {
    if (found.length >= MAX_PROBLEMS) return;
    // Python's grammar takes a body that is not there for an empty one, without an error.
    if (node.type === 'block' && python && node.namedChildCount === 0) {
      found.push({ line: node.startPosition.row, text: 'missing body' });
    }
    if (!python && !(node.hasError || node.isMissing)) return;
    if (node.isError || node.isMissing) {
      const text = node.isMissing ? `missing ${node.type}` : node.text.slice(0, PROBLEM_UNITS);
      found.push({ line: node.startPosition.row, text });
      return;
    }
    for (const child of node.children) if (child !== null) visit(child);
  };
  visit(root);
  return found;
}

function callsOf(root: Node): LabelledCall[] {
  const found: LabelledCall[] = [];
  const visit = (node: Node, within: readonly string[]): void => {
    const label = node.type === 'call_expression' ? labelOf(node) : undefined;
    if (label !== undefined) {
      const { startIndex, endIndex } = node.parent?.type === 'expression_statement' ? node.parent : node;
      const callee = /^\w+/.exec(node.childForFieldName('function')?.text ?? '')?.[0] ?? '';
      found.push({ callee, label, within, start: startIndex, end: endIndex });
    }
    const inside = label === undefined ? within : [...within, label];
    for (const child of node.namedChildren) if (child !== null) visit(child, inside);
  };
  visit(root, []);
  return found;
}

function labelOf(call: Node): string | undefined {
  const [first] = call.childForFieldName('arguments')?.namedChildren ?? [];
  return first?.type === 'string' || first?.type === 'template_string' ? first.text.slice(1, -1) : undefined;
}

function symbolsOf(root: Node, grammar: Grammar): CodeSymbol[] {
  const found: CodeSymbol[] = [];
  const visit = (node: Node, within: readonly string[], inClass: boolean): void => {
    const symbol = symbolOf(node, grammar, within, inClass);
    if (symbol !== undefined) found.push(symbol);
    const inside = symbol === undefined ? within : [...within, symbol.name];
    const nowInClass = symbol === undefined ? inClass : symbol.kind === 'class';
    for (const child of node.namedChildren) if (child !== null) visit(child, inside, nowInClass);
  };
  visit(root, [], false);
  return found;
}

function symbolOf(
  node: Node,
  { symbols, wrappers }: Grammar,
  within: readonly string[],
  inClass: boolean,
): CodeSymbol | undefined {
  const kind = Object.hasOwn(symbols, node.type) ? symbols[node.type] : undefined;
  if (kind === undefined) return undefined;
  const value = node.childForFieldName('value');
  const named = node.type === 'variable_declarator';
  if (
    named &&
    !/^(?:arrow_function|function|function_expression|generator_function)$/.test(value?.type ?? '')
  ) {
    return undefined;
  }
  const name = nameOf(node);
  if (name === undefined) return undefined;
  let outer = node;
  while (outer.parent !== null && wrappers.includes(outer.parent.type)) outer = outer.parent;
  const body = (named ? value : node)?.childForFieldName('body');
  return {
    name,
    kind: kind === 'function' && inClass ? 'method' : kind,
    within,
    startLine: outer.startPosition.row,
    endLine: outer.endPosition.row,
    start: outer.startIndex,
    end: outer.endIndex,
    declaration: node.startIndex,
    ...(body ? { body: body.startIndex } : {}),
    exported: outer.type === 'export_statement',
  };
}

/** C and C++ bury a function's name in its declarator; an `impl` has the type it is for. */
function nameOf(node: Node): string | undefined {
  const direct = node.childForFieldName('name') ?? node.childForFieldName('type');
  if (node.type !== 'function_definition' || node.childForFieldName('declarator') === null)
    return direct?.text;
  let declarator = node.childForFieldName('declarator');
  for (let inner = declarator; inner !== null; inner = inner.childForFieldName('declarator'))
    declarator = inner;
  return declarator?.text;
}
