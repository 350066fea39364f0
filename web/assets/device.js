/* A browser and its system in words, from a User-Agent header: enough to recognise one's own devices. */

const BROWSERS = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
];

const SYSTEMS = [
  [/iPhone/, 'iPhone', 'phone'],
  [/iPad/, 'iPad', 'phone'],
  [/Android/, 'Android', 'phone'],
  [/Windows/, 'Windows', 'device'],
  [/Macintosh|Mac OS X/, 'Mac', 'device'],
  [/CrOS/, 'ChromeOS', 'device'],
  [/Linux/, 'Linux', 'device'],
];

/** {browser, system, icon}; browser and system are null when they are not known. */
export function describeDevice(userAgent) {
  const text = userAgent ?? '';
  const browser = BROWSERS.find(([pattern]) => pattern.test(text));
  const system = SYSTEMS.find(([pattern]) => pattern.test(text));
  return { browser: browser?.[1] ?? null, system: system?.[1] ?? null, icon: system?.[2] ?? 'globe' };
}
