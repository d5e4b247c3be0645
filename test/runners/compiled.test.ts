/** What the runners of Go, Rust and Java really say, where their compilers are on this machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { Project } from './project';

/** Defines tests where a program is there, else prints that they are not. */
function where(program: string, args: readonly string[], define: () => void): void {
  if (spawnSync(program, args).status === 0) define();
  else console.log(`  ${program} is not on this machine: its tests are not defined`);
}

where('go', ['version'], () => {
  describe('go test', function () {
    this.timeout(300_000);
    const head = 'package calc\n\nimport "testing"\n';
    const test = (name: string, body: string): string => `\nfunc Test${name}(t *testing.T) {\n\t${body}\n}\n`;
    const expecting = (call: string, value: string): string =>
      `if got := ${call}; got != ${value} {\n\t\tt.Errorf("got %v", got)\n\t}`;
    let project: Project;
    before(async () => {
      project = await Project.create({
        'service/go.mod': 'module example.com/calc\n\ngo 1.20\n',
        'service/calc/calc.go':
          'package calc\n\nfunc Add(a, b int) int { return a + b }\n\nfunc First(list []int) int { return list[0] }\n',
      });
    });
    after(() => project.remove());
    const path = 'service/calc/calc_test.go';

    it('says what passed and failed, and runs what stands behind a panic', async () => {
      const text = [
        head,
        test('Adds', expecting('Add(1, 2)', '3')),
        test('MeetsABug', expecting('First(nil)', '0')),
        test('ExpectsSomethingWrong', expecting('Add(1, 2)', '4')),
        test('MeetsItAgain', expecting('First([]int{})', '0')),
        test('AddsBehindIt', expecting('Add(2, 2)', '4')),
        test('IsSkipped', 't.Skip()'),
      ].join('');
      const ran = await project.run('go', path, text);
      ran.are({
        TestAdds: 'passed',
        TestMeetsABug: 'failed',
        TestExpectsSomethingWrong: 'failed',
        TestMeetsItAgain: 'failed',
        TestAddsBehindIt: 'passed',
        TestIsSkipped: 'error',
      });
      assert.match(ran.messageOf('TestMeetsABug'), /index out of range/);
    });

    it('runs the others where one does not compile', async () => {
      const text = [
        head,
        test('Adds', expecting('Add(1, 2)', '3')),
        test('DoesNotRun', expecting('Add(missing, 2)', '3')),
        test('HasAnotherType', expecting('Add("1", 2)', '3')),
        test('ExpectsSomethingWrong', expecting('Add(1, 2)', '4')),
      ].join('');
      const ran = await project.run('go', path, text);
      ran.are({
        TestAdds: 'passed',
        TestDoesNotRun: 'error',
        TestHasAnotherType: 'error',
        TestExpectsSomethingWrong: 'failed',
      });
      assert.match(ran.messageOf('TestDoesNotRun'), /undefined: missing/);
    });

    it('says why a file is not compiled at all', async () => {
      const text = `${head}import "example.com/nothing"\n${test('Adds', expecting('nothing.Add(1, 2)', '3'))}`;
      const ran = await project.run('go', path, text);
      assert.ok(ran.results.every(({ status }) => status === 'error'));
      assert.match(JSON.stringify(ran.results), /nothing/);
    });
  });
});

where('cargo', ['--version'], () => {
  describe('cargo test', function () {
    this.timeout(300_000);
    const CODE =
      'pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n\npub fn first(list: &[i32]) -> i32 {\n    list[0]\n}\n';
    const file = (...tests: readonly (readonly [name: string, body: string, mark?: string])[]): string =>
      `${CODE}\n#[cfg(test)]\nmod tests {\n    use super::*;\n${tests
        .map(
          ([name, body, mark = '']) => `\n    #[test]\n${mark}    fn ${name}() {\n        ${body}\n    }\n`,
        )
        .join('')}}\n`;
    const manifest = '[package]\nname = "calc"\nversion = "0.1.0"\nedition = "2021"\n';
    let project: Project;
    before(async () => {
      project = await Project.create({
        'Cargo.toml': manifest,
        'src/lib.rs': CODE,
        'tool/Cargo.toml': `${manifest.replace('calc', 'tool')}\n[workspace]\n`,
        'tool/src/main.rs': 'fn main() {}\n',
      });
    });
    after(() => project.remove());

    it('says what passed and failed', async () => {
      const text = file(
        ['adds', 'assert_eq!(add(1, 2), 3);'],
        ['expects_something_wrong', 'assert_eq!(add(1, 2), 4);'],
        ['meets_a_bug', 'assert_eq!(first(&[]), 0);'],
        ['panics_as_it_should', 'first(&[]);', '    #[should_panic]\n'],
        ['waits_for_a_panic', 'add(1, 2);', '    #[should_panic]\n'],
      );
      const ran = await project.run('cargo', 'src/lib.rs', text);
      ran.are({
        adds: 'passed',
        expects_something_wrong: 'failed',
        meets_a_bug: 'failed',
        panics_as_it_should: 'passed',
        waits_for_a_panic: 'failed',
      });
      assert.match(ran.messageOf('meets_a_bug'), /index out of bounds/);
      assert.match(ran.messageOf('expects_something_wrong'), /left.*3|3.*4/);
    });

    it('runs the others where one does not compile, and says why', async () => {
      const text = file(
        ['adds', 'assert_eq!(add(1, 2), 3);'],
        ['does_not_run', 'assert_eq!(add(missing, 2), 3);'],
        ['has_another_type', 'assert_eq!(add("1", 2), 3);'],
        ['expects_something_wrong', 'assert_eq!(add(1, 2), 4);'],
      );
      const ran = await project.run('cargo', 'src/lib.rs', text);
      ran.are({
        adds: 'passed',
        does_not_run: 'error',
        has_another_type: 'error',
        expects_something_wrong: 'failed',
      });
      assert.match(ran.messageOf('does_not_run'), /cannot find value `missing`/);
    });

    it('runs in a package that has no library, below the root', async () => {
      const text = file(['adds', 'assert_eq!(add(1, 2), 3);']).replace(CODE, `${CODE}fn main() {}\n`);
      (await project.run('cargo', 'tool/src/main.rs', text)).are({ adds: 'passed' });
    });

    it('says why a file is not compiled at all', async () => {
      const text = `use nothing::x;\n${file(['adds', 'assert_eq!(add(1, 2), 3);'])}`;
      const ran = await project.run('cargo', 'src/lib.rs', text);
      ran.isUnloadable(/lib\.rs:1: .*nothing/);
    });
  });
});

where('mvn', ['--version'], () => {
  describe('JUnit through Maven', function () {
    this.timeout(300_000);
    const MAIN =
      'package p;\n\npublic class Calc {\n    public static int add(int a, int b) {\n        return a + b;\n    }\n\n    public static int first(int[] list) {\n        return list[0];\n    }\n}\n';
    const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>p</groupId>
  <artifactId>calc</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.source>11</maven.compiler.source>
    <maven.compiler.target>11</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.10.2</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>3.2.5</version>
      </plugin>
    </plugins>
  </build>
</project>
`;
    const file = (...tests: readonly (readonly [name: string, body: string])[]): string =>
      `package p;\n\nimport static org.junit.jupiter.api.Assertions.*;\n\nimport org.junit.jupiter.api.Test;\n\nclass CalcTest {\n${tests
        .map(([name, body]) => `    @Test\n    public void ${name}() {\n        ${body}\n    }\n`)
        .join('\n')}}\n`;
    const path = 'src/test/java/p/CalcTest.java';
    let project: Project;

    before(async () => {
      project = await Project.create({
        'pom.xml': POM,
        'src/main/java/p/Calc.java': MAIN,
        'src/test/java/p/OtherTest.java': file(['others', 'assertTrue(true);']).replace(
          'CalcTest',
          'OtherTest',
        ),
      });
      // As whoever works on the project has done: what it needs is in the local repository afterwards.
      const built = spawnSync('mvn', ['--quiet', '--batch-mode', 'test'], { cwd: project.root });
      assert.equal(built.status, 0, built.stdout.toString());
    });
    after(() => project.remove());

    it('says what passed and failed', async () => {
      const ran = await project.run(
        'junit',
        path,
        file(
          ['adds', 'assertEquals(3, Calc.add(1, 2));'],
          ['expectsSomethingWrong', 'assertEquals(4, Calc.add(1, 2));'],
          ['meetsABug', 'assertEquals(0, Calc.first(new int[0]));'],
        ),
      );
      ran.are({ adds: 'passed', expectsSomethingWrong: 'failed', meetsABug: 'failed' });
      assert.match(ran.messageOf('meetsABug'), /out of bounds/);
    });

    it('runs the others where one does not compile, and says why', async () => {
      const ran = await project.run(
        'junit',
        path,
        file(
          ['adds', 'assertEquals(3, Calc.add(1, 2));'],
          ['doesNotRun', 'assertEquals(3, Calc.plus(1, 2));'],
        ),
      );
      ran.are({ adds: 'passed', doesNotRun: 'error' });
      assert.match(ran.messageOf('doesNotRun'), /cannot find symbol/);
    });

    it('says why a file is not compiled at all, and what else is needed', async () => {
      const text = file(['adds', 'assertEquals(3, Calc.add(1, 2));']);
      const broken = await project.run(
        'junit',
        path,
        text.replace('import org', 'import nothing.X;\nimport org'),
      );
      broken.isUnloadable(/CalcTest\.java:5: .*nothing/);
      const other = await Project.create({ 'build.gradle': '' });
      await assert.rejects(other.run('junit', path, text), /through Maven only/);
      await other.remove();
    });
  });
});
