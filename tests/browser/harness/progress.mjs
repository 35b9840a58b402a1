// What every report of progress must be.
import assert from "node:assert/strict";

/** Each report of the series is at least as far as the one before, and none further than `total`. */
export function neverGoesBack(series, total) {
  let before = { loaded: 0, fraction: 0 };
  for (const now of series) {
    assert.equal(now.total, total);
    assert.ok(now.loaded >= before.loaded && now.fraction >= before.fraction, `${before.loaded} → ${now.loaded}`);
    assert.ok(now.loaded <= total && now.fraction <= 1, `${now.loaded} of ${total}`);
    assert.ok(now.bytesPerSecond >= 0, String(now.bytesPerSecond));
    assert.ok(now.secondsLeft === undefined || now.secondsLeft >= 0, String(now.secondsLeft));
    before = now;
  }
}
