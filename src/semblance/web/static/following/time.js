// Times in the video as the page writes them: 1:02:03.45.

export function writeTime(seconds) {
  const hundredths = Math.round(Math.abs(seconds) * 100);
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(hundredths / 360000), Math.floor(hundredths / 6000) % 60];
  const rest = `${pad(Math.floor(hundredths / 100) % 60)}.${pad(hundredths % 100)}`;
  return `${seconds < 0 && hundredths ? "-" : ""}${hours ? `${hours}:${pad(minutes)}` : minutes}:${rest}`;
}
