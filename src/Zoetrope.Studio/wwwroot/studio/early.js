// Before the first paint: the theme that this browser was given.
"use strict";
try {
  const theme = localStorage.getItem("zt.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing has the theme of its system.
}
