import assert from 'node:assert/strict';
import { describeAgreement, pooled } from '../../support/agreement';

describe('pooled', () => {
  it('weighs each part by its positions', () => {
    const { meanKl, top1, positions } = pooled([
      { meanKl: 0.004, top1: 1, positions: 30 },
      { meanKl: 0.008, top1: 0.6, positions: 10 },
    ]);
    assert.ok(Math.abs(meanKl - 0.005) < 1e-12, `${meanKl}`);
    assert.ok(Math.abs(top1 - 0.9) < 1e-12, `${top1}`);
    assert.equal(positions, 40);
  });

  it('passes no bound over nothing', () => {
    const { meanKl, top1 } = pooled([]);
    assert.ok(!(meanKl <= 1) && !(top1 >= 0));
  });
});

describe('describeAgreement', () => {
  it('shows a share in percent', () => {
    assert.equal(
      describeAgreement({ meanKl: 0.000412, top1: 0.9894, positions: 1346 }),
      'mean KL 0.00041, same first token 98.9 %, 1346 positions',
    );
  });
});
