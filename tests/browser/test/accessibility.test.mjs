// In every state, in light and in dark: nothing that axe finds wrong, and nothing wider than a telephone.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import axe from "axe-core";
import { arrange } from "../harness/arrange.mjs";
import { STATES } from "../harness/states.mjs";

describe("the page", () => {
  const demo = arrange();

  for (const colorScheme of ["light", "dark"]) {
    for (const [state, reach] of Object.entries(STATES)) {
      test(`${state}, ${colorScheme}: is accessible and fits 360 pixels`, async t => {
        const page = await demo.open(t, "/", { colorScheme, viewport: { width: 360, height: 740 } });
        await reach(page);
        await page.evaluate(axe.source);
        const { violations, passes } = await page.evaluate(() => axe.run());
        assert.deepEqual(violations.map(inWords), []);
        assert.ok(passes.some(({ id }) => id === "color-contrast"), "axe did not look at the colours");
        const { scrollWidth, clientWidth } = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.scrollingElement;
          return { scrollWidth, clientWidth };
        });
        assert.equal(clientWidth, 360);
        assert.ok(scrollWidth <= clientWidth, `${scrollWidth} pixels wide`);
        page.watched.isQuiet({ failedAnswers: ["failed", "not handed in"].includes(state) });
      });
    }
  }

  test("dark is dark and light is light", async t => {
    const background = async colorScheme => {
      const page = await demo.open(t, "/", { colorScheme });
      return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    };
    assert.notEqual(await background("light"), await background("dark"));
  });
});

const inWords = ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`;
