import assert from 'node:assert/strict';
import type { ProgramOutcome } from '../../../../src/cli/score/pythonSandbox';
import type { ScoredTask } from '../../../../src/cli/score/scoring';
import { ablateRules } from '../../../bench/completion/ablateRules';
import { completionReport, completionSections } from '../../../bench/completion/completionReport';
import type { KeptPlace } from '../../../bench/completion/kept/measureKept';
import { answerTasks, scoreAnswers } from '../../../bench/completion/measureInfill';
import { RecordedEngine } from '../../../bench/completion/recordedEngine';
import { ScriptedEngine } from '../../completion/scriptedEngine';

/** A hole whose middle is written rightly, and then what follows it once more. */
const TASK: ScoredTask = {
  task_id: 'task/1',
  prompt: 'def f(x):\n',
  suffix: '    return total_of(x)\n',
  test: 'def check(f): pass',
  entry_point: 'f',
  canonical_solution: '    total = x\n',
};
const RUNS_ON = ['    total = x\n', '    return total_of(x)\n', '\nprint(f(1))\n'];

/** Passes what has the suffix's line once and no more, as a test would. */
const SANDBOX = {
  run: (program: string): Promise<ProgramOutcome> => {
    const good = program.split('return total_of').length === 2 && !program.includes('print');
    return Promise.resolve(good ? { kind: 'passed' } : { kind: 'failed', error: 'AssertionError' });
  },
};
const PARTS = { sandbox: SANDBOX, jobs: 2 };

function engine(): RecordedEngine {
  const scripted = new ScriptedEngine();
  scripted.answerWith(async (run) => {
    await run.prefilled();
    await run.text(...RUNS_ON);
    await run.done();
  });
  return new RecordedEngine(scripted, { identity: 'scripted' });
}

describe('benchmark of completion: report', () => {
  it('has the pass rates of each way to end the same text', async () => {
    const recorded = engine();
    const answers = await answerTasks([TASK], recorded, {}, () => undefined);
    const singleLine = await scoreAnswers(answers, PARTS);
    const measured = { infill: { singleLine } };
    assert.deepEqual(completionReport(measured), {
      singleLine: { raw: 0, firstCut: 1, pipeline: 1, hindsight: 1 },
    });
    assert.equal(singleLine.rawFirstLine.passAt1, 1);
    assert.deepEqual(singleLine.endedBy, { 'suffix-lines-reached': 1 });
    assert.match(
      completionSections(measured).get('infilling') ?? '',
      /single-line: above the bare prompt \| ≥ 6 \| \+100\.0 \| yes/,
    );
  });

  it('says what a rule is worth: what fails without it', async () => {
    const recorded = engine();
    const answers = { multiLine: await answerTasks([TASK], recorded, {}, () => undefined) };
    const worth = await ablateRules(answers, recorded, PARTS);
    const of = (name: string) => worth.find((rule) => rule.name === name)?.byKind.multiLine;
    assert.deepEqual(of('suffix-lines-reached'), { ended: 1, changed: 1, gained: 1, lost: 0, worth: 1 });
    assert.deepEqual(of('template-token'), { ended: 0, changed: 0, gained: 0, lost: 0, worth: 0 });
    assert.deepEqual(of('all rules'), { ended: 1, changed: 1, gained: 1, lost: 0, worth: 1 });
    assert.match(
      completionSections({ infill: {}, rules: worth }).get('rules') ?? '',
      /\| suffix-lines-reached \| 1, 1 \| 1, 0 \| \+100\.0 points \|/,
    );
  });

  it('says what a kept suffix changes, by tokens typed and tokens evaluated anew', () => {
    const place = (kl: number, sameToken: boolean, sameText: boolean): KeptPlace => ({
      kl,
      sameToken,
      sameText,
    });
    const kept = [
      { drift: 1, head: 'nothing' as const, places: [place(3, false, false), place(1, true, false)] },
      { drift: 1, head: 8 as const, places: [place(0.001, true, true), place(0.003, true, false)] },
      { drift: 4, head: 8 as const, places: [place(0, true, true), place(0, true, true)] },
    ];
    const edited = [
      { edit: 8, beyond: 0, places: [place(0.5, true, false), place(0.5, false, false)] },
    ] as const;
    const tasks = { kind: 'singleLine', tasks: 345, evaluatedEach: 11.6 } as const;
    const infill = [
      { ...tasks, typedTokens: 0, passAt1: 0.5, sameText: 1 },
      { ...tasks, typedTokens: 16, passAt1: 0.48, sameText: 0.9 },
    ];
    const table = completionSections({ infill: {}, kept: { kept, edited, infill } }).get('kept') ?? '';
    assert.match(
      table,
      /\| 1 token \| 2\.0000, 2\.8000; 50 %, 0 % \| {2}\| 0\.0020, 0\.0028; 100 %, 50 % \|/,
    );
    assert.match(table, /\| 4 tokens \| {2}\| {2}\| 0\.0000, 0\.0000; 100 %, 100 % \|/);
    assert.match(table, /^2 places/m);
    assert.match(table, /\| token 9 \| 0\.5000, 0\.5000; 50 %, 0 % \|/);
    assert.match(table, /\| single-line, 345 tasks \| all evaluated \| 50\.0 % \| {2}\| 12 \|/);
    assert.match(table, /\| single-line, 345 tasks \| 16 tokens \| 48\.0 % \| 90\.0 % \| 12 \|/);
  });
});
