/** What a person can find out about suggestions: the last requests, and why one brought nothing. */
import * as vscode from 'vscode';
import { COMMANDS, type CommandId } from '../commandIds';
import { Disposables, type DisposableLike } from '../disposables';
import type { AnsweredRequest } from '../inlineProvider';
import { pathOf } from '../paths';
import { ReportDocument } from '../reportDocument';
import { CompletionLog, type LoggedRequest } from './completionLog';
import { completionReport } from './completionReport';
import { WhyNoSuggestion, type WhyDeps } from './whyNoSuggestion';

export type InsightPartsDeps = Omit<WhyDeps, 'log'>;

export interface InsightParts extends DisposableLike {
  readonly log: CompletionLog;
  readonly why: WhyNoSuggestion;
}

export function makeInsightParts(deps: InsightPartsDeps): InsightParts {
  const { provider } = deps;
  const owned = new Disposables();
  const register = (id: CommandId, run: () => unknown): void => {
    owned.add(vscode.commands.registerCommand(id, run));
  };
  const log = new CompletionLog();
  const report = owned.add(
    new ReportDocument({
      scheme: 'qwen-coder-completions',
      title: 'Qwen Coder Completion Log',
      content: () => completionReport(log.requests),
    }),
  );
  owned.add(
    provider.onAnswered((request) => {
      log.add(logged(request));
      report.changed();
    }),
  );
  register(COMMANDS.showCompletionLog, () => report.show());
  const why = owned.add(new WhyNoSuggestion({ ...deps, log }));
  register(COMMANDS.whyNoSuggestion, () => why.show());
  return { log, why, dispose: () => owned.dispose() };
}

function logged({ document, position, ms, ...request }: AnsweredRequest): LoggedRequest {
  const { number, trigger, answer, trace } = request;
  return {
    number,
    at: Date.now() - ms,
    uri: document.uri.toString(),
    path: document.isUntitled ? document.fileName : pathOf(document.uri),
    languageId: document.languageId,
    line: position.line,
    column: position.character,
    trigger,
    answer,
    ms,
    ...(trace === undefined ? {} : { trace }),
  };
}
