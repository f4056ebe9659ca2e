/**
 * Says what is wrong when the running Node.js is older than the package asks for.
 *
 * @param {string} found the running version, as `process.versions.node` gives it
 * @param {string} range the package's `engines.node`, in the form `>=MAJOR.MINOR`
 * @returns {string | null} one sentence, or null when the version will do
 */
export function nodeVersionProblem(found, range) {
  const wanted = range.replace(/^>=\s*/, '');
  if (compareVersions(found, wanted) >= 0) return null;
  return `wgrad needs Node.js ${wanted} or newer, and this is Node.js ${found}: install a newer one, then run the same command again.`;
}

/**
 * Orders two dotted version numbers; parts that are missing count as 0.
 *
 * @param {string} left
 * @param {string} right
 * @returns {number} below 0, 0 or above 0, as a comparator returns it
 */
export function compareVersions(left, right) {
  const a = left.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const b = right.split('.').map((part) => Number.parseInt(part, 10) || 0);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] || 0) - (b[i] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
