// Values in words. What is missing is a dash.

export const NONE = '–';

const language = document.documentElement.lang;
const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
const times = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
const integers = new Intl.NumberFormat(language);
const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });

const ABBREVIATIONS = {
  auc: 'AUC',
  cpu: 'CPU',
  f1: 'F1',
  gpu: 'GPU',
  id: 'ID',
  lora: 'LoRA',
  mae: 'MAE',
  mse: 'MSE',
  r2: 'R²',
  rmse: 'RMSE',
  roc: 'ROC',
};

const isMissing = (value) => value === null || value === undefined || value === '';

export const integer = (value) => (isMissing(value) ? NONE : integers.format(value));

/** Significant digits. */
export function decimal(value, digits = 4) {
  if (isMissing(value)) {
    return NONE;
  }
  return new Intl.NumberFormat(language, { maximumSignificantDigits: digits }).format(value);
}

export const percent = (ratio, digits = 1) =>
  isMissing(ratio)
    ? NONE
    : new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(ratio);

/** In the trainer's currency, which is not told. */
export const cost = (value) =>
  isMissing(value)
    ? NONE
    : new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);

export function bytes(count) {
  if (isMissing(count)) {
    return NONE;
  }
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value)} ${units[unit]}`;
}

export const speed = (bytesPerSecond) => (isMissing(bytesPerSecond) ? NONE : `${bytes(bytesPerSecond)}/s`);

export function seconds(duration) {
  if (isMissing(duration)) {
    return NONE;
  }
  if (duration < 1) {
    return `${Math.round(duration * 1000)} ms`;
  }
  if (duration < 60) {
    return `${decimal(duration, 3)} s`;
  }
  const whole = Math.round(duration);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${integer(hours)} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

export const date = (instant) => (isMissing(instant) ? NONE : dates.format(new Date(instant)));

export const time = (instant) => (isMissing(instant) ? NONE : times.format(new Date(instant)));

/** "5 minutes ago"; a date when it is more than a week. */
export function ago(instant) {
  const past = (Date.now() - new Date(instant)) / 1000;
  if (past < 60) {
    return 'just now';
  }
  if (past < 3600) {
    return relative.format(-Math.round(past / 60), 'minute');
  }
  if (past < 86400) {
    return relative.format(-Math.round(past / 3600), 'hour');
  }
  return past < 7 * 86400 ? relative.format(-Math.round(past / 86400), 'day') : date(instant);
}

/** A name of the API in words: `train_loss` is "Train loss". */
export function words(name) {
  const text = name
    .split('_')
    .map((word) => ABBREVIATIONS[word] ?? word)
    .join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whatever a configuration holds. */
export function value(any) {
  if (isMissing(any)) {
    return NONE;
  }
  if (typeof any === 'number') {
    return Number.isInteger(any) ? integer(any) : decimal(any, 5);
  }
  if (Array.isArray(any) && any.every((one) => typeof one !== 'object')) {
    return any.map(value).join(', ');
  }
  return typeof any === 'object' ? JSON.stringify(any) : String(any);
}

export const plural = (count, one, many = `${one}s`) => `${integer(count)} ${count === 1 ? one : many}`;
