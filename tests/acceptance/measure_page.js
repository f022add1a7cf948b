// Complaints about the page as it stands: text below WCAG AA contrast or below 14 px (16 px for
// what is read, typed or pressed), and targets below 44 px.
const complaints = [];

function channels(colour) {
  const parts = colour.match(/[\d.]+/g).map(Number);
  return { rgb: parts.slice(0, 3), alpha: parts[3] ?? 1 };
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ground(element) {
  for (let here = element; here; here = here.parentElement) {
    const { rgb, alpha } = channels(getComputedStyle(here).backgroundColor);
    if (alpha > 0.99) return rgb;
  }
  return [255, 255, 255];
}

function contrast(element) {
  const [one, other] = [channels(getComputedStyle(element).color).rgb, ground(element)].map(luminance);
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

const QUIET = ".when, .when *, .foot, .foot *, .brand small, .brand small *";

for (const element of document.body.querySelectorAll("*")) {
  const box = element.getBoundingClientRect();
  if (!element.checkVisibility() || box.width < 2 || element.closest(".hidden, .skip, svg")) continue;
  const name = `${element.tagName}.${element.className} "${element.textContent.trim().slice(0, 30)}"`;
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (hasText || element.matches("textarea")) {
    if (contrast(element) < 4.5) complaints.push(`${name}: contrast ${contrast(element).toFixed(2)}`);
    const size = parseFloat(getComputedStyle(element).fontSize);
    const least = element.matches(QUIET) ? 14 : 16;
    if (size < least) complaints.push(`${name}: ${size} px`);
  }
  if (element.matches("a, button, summary, textarea") && box.height < 43.9) {
    complaints.push(`${name}: ${box.height} px high`);
  }
}
return complaints;
