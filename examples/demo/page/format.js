// Numbers as people read them.
const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export function size(bytes) {
  let unit = 0;
  while (bytes >= 1024 && unit < UNITS.length - 1) { bytes /= 1024; unit += 1; }
  if (unit === 0) return bytes === 1 ? "1 byte" : `${Math.round(bytes)} bytes`;
  return `${bytes < 10 ? Number(bytes.toFixed(1)) : Math.round(bytes)} ${UNITS[unit]}`;
}

export const percent = (fraction) => `${Math.floor(fraction * 100)} %`;

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const moment = (date) => MOMENT.format(date);

export function duration(seconds) {
  const s = Math.max(1, Math.ceil(seconds));
  if (s < 60) return `${s} s`;
  const m = Math.round(s / 60);
  return m < 60 ? `${m} min` : `${Math.floor(m / 60)} h ${m % 60} min`;
}

export function pace({ bytesPerSecond, secondsLeft }) {
  if (!(bytesPerSecond > 0)) return "";
  const left = Number.isFinite(secondsLeft) ? `, ${duration(secondsLeft)} left` : "";
  return `, ${size(bytesPerSecond)}/s${left}`;
}
