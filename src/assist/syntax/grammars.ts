/** Which grammar reads which language of the editor, and what its symbols are called in it. */

export type SymbolKind = 'function' | 'method' | 'class' | 'type';

export interface Grammar {
  /** `tree-sitter-NAME.wasm`. */
  readonly name: string;
  /** Kinds by node type. */
  readonly symbols: Readonly<Record<string, SymbolKind>>;
  /** Nodes that belong to the symbol they enclose, such as decorators and `export`. */
  readonly wrappers: readonly string[];
}

const PYTHON: Grammar = {
  name: 'python',
  symbols: { function_definition: 'function', class_definition: 'class' },
  wrappers: ['decorated_definition'],
};
const SCRIPT = {
  symbols: {
    function_declaration: 'function',
    generator_function_declaration: 'function',
    class_declaration: 'class',
    abstract_class_declaration: 'class',
    method_definition: 'method',
    interface_declaration: 'type',
    type_alias_declaration: 'type',
    enum_declaration: 'type',
    // Only where its value is a function.
    variable_declarator: 'function',
  },
  wrappers: ['export_statement', 'lexical_declaration', 'variable_declaration'],
} as const;
const CPP: Grammar = {
  name: 'cpp',
  symbols: { function_definition: 'function', class_specifier: 'class', struct_specifier: 'class' },
  wrappers: ['template_declaration'],
};
const JAVASCRIPT: Grammar = { name: 'javascript', ...SCRIPT };

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  python: PYTHON,
  javascript: JAVASCRIPT,
  javascriptreact: JAVASCRIPT,
  typescript: { name: 'typescript', ...SCRIPT },
  typescriptreact: { name: 'tsx', ...SCRIPT },
  go: {
    name: 'go',
    symbols: { function_declaration: 'function', method_declaration: 'method', type_spec: 'type' },
    wrappers: ['type_declaration'],
  },
  rust: {
    name: 'rust',
    symbols: {
      function_item: 'function',
      struct_item: 'type',
      enum_item: 'type',
      trait_item: 'type',
      impl_item: 'class',
      mod_item: 'class',
    },
    wrappers: [],
  },
  java: {
    name: 'java',
    symbols: {
      class_declaration: 'class',
      interface_declaration: 'class',
      enum_declaration: 'class',
      record_declaration: 'class',
      method_declaration: 'method',
      constructor_declaration: 'method',
    },
    wrappers: [],
  },
  csharp: {
    name: 'c-sharp',
    symbols: {
      class_declaration: 'class',
      struct_declaration: 'class',
      record_declaration: 'class',
      interface_declaration: 'class',
      method_declaration: 'method',
      constructor_declaration: 'method',
      local_function_statement: 'function',
    },
    wrappers: [],
  },
  c: CPP,
  cpp: CPP,
  php: {
    name: 'php',
    symbols: { function_definition: 'function', method_declaration: 'method', class_declaration: 'class' },
    wrappers: [],
  },
  ruby: {
    name: 'ruby',
    symbols: { method: 'method', singleton_method: 'method', class: 'class', module: 'class' },
    wrappers: [],
  },
  shellscript: { name: 'bash', symbols: { function_definition: 'function' }, wrappers: [] },
  powershell: { name: 'powershell', symbols: { function_statement: 'function' }, wrappers: [] },
  css: { name: 'css', symbols: {}, wrappers: [] },
};

/** @returns undefined for a language without a grammar */
export const grammarOf = (languageId: string): Grammar | undefined =>
  Object.hasOwn(GRAMMARS, languageId) ? GRAMMARS[languageId] : undefined;
