/** Commands where the editor offers actions for code: the light bulb, *Refactor…*, *Source Action…*. */
import * as vscode from 'vscode';
import { COMMANDS, type CommandId } from '../commandIds';
import { isCodeScheme } from '../requestGate';

const { QuickFix, RefactorRewrite, Refactor } = vscode.CodeActionKind;
/** Problems of one quick fix: those of a line belong together, and the model is small. */
const MAX_PROBLEMS = 3;

export class AssistActions implements vscode.CodeActionProvider {
  static readonly kinds = [QuickFix, RefactorRewrite, Refactor];

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    if (!isCodeScheme(document.uri.scheme)) return [];
    const actions: vscode.CodeAction[] = [];
    if (context.diagnostics.length > 0) actions.push(fixAction(document.uri, context.diagnostics));
    // Only where they are asked for: the light bulb is not to shine on every line.
    const asked = context.triggerKind === vscode.CodeActionTriggerKind.Invoke;
    if (asked || !range.isEmpty) {
      actions.push(
        action('Refactor with Instruction…', RefactorRewrite, COMMANDS.refactor),
        action('Edit with Instruction…', RefactorRewrite, COMMANDS.edit),
        action('Document', RefactorRewrite, COMMANDS.document),
        action('Generate Tests', Refactor, COMMANDS.generateTests),
      );
    }
    return actions.filter(({ kind }) => context.only === undefined || (kind && context.only.contains(kind)));
  }
}

function fixAction(uri: vscode.Uri, diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction {
  const problems = diagnostics.slice(0, MAX_PROBLEMS);
  const fix = action('Fix', QuickFix, COMMANDS.fix, [uri, problems]);
  fix.diagnostics = problems;
  return fix;
}

function action(
  title: string,
  kind: vscode.CodeActionKind,
  command: CommandId,
  args: unknown[] = [],
): vscode.CodeAction {
  const made = new vscode.CodeAction(`${title} (Qwen Coder)`, kind);
  made.command = { title, command, arguments: args };
  return made;
}
