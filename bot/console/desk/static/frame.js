// The frame of every page of the desk: notices, the form token, forms that are sent once.
// Pages keep drafts in localStorage under names that begin with DRAFTS; signing out removes them.

const DRAFTS = "caunoi.desk.";
const AWAY = "Chưa gửi được vì mất kết nối với máy chủ. Chữ bạn viết vẫn còn trên trang này; có mạng lại thì bấm gửi lần nữa.";
const ODD = "Máy chủ trả lời không như mong đợi nên chưa chắc đã làm xong. Bạn tải lại trang để xem; chữ đang viết hãy chép lại trước.";

const notices = document.getElementById("notice");

export function tell(words, good = false) {
  const box = document.createElement("div");
  box.className = good ? "notice good" : "notice";
  const said = document.createElement("p");
  said.textContent = words;
  box.append(said);
  notices.replaceChildren(box);
}

// A notice can be put away; what the server put there gets its button here.
function addClosers() {
  for (const box of notices.querySelectorAll(".notice:not(:has(> button))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Đóng";
    button.addEventListener("click", () => box.remove());
    box.append(button);
  }
}
new MutationObserver(addClosers).observe(notices, { childList: true });
addClosers();

document.body.addEventListener("htmx:sendError", () => tell(AWAY));
document.body.addEventListener("htmx:timeout", () => tell(AWAY));
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  // Whatever stands before us (a proxy) answers with pages of its own: those stay out of ours.
  if (xhr.status >= 400 && !xhr.getResponseHeader("hx-retarget") && !ours(xhr)) {
    event.detail.shouldSwap = false;
    tell(xhr.status >= 502 ? AWAY : ODD);
  }
});
function ours(xhr) {
  return (xhr.getResponseHeader("content-security-policy") ?? "").includes("'self'");
}

// After signing in again in another tab, this page goes on under the new login.
document.body.addEventListener("caunoi-token", (event) => {
  const { token } = event.detail;
  document.body.setAttribute("hx-headers", JSON.stringify({ "x-form-token": token }));
  for (const field of document.querySelectorAll('input[type="hidden"][name="token"]')) field.value = token;
});

// A plain form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.matches("[hx-post]") || form.dataset.sent) {
    if (form.dataset.sent) event.preventDefault();
    return;
  }
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !confirm(question)) {
    event.preventDefault();
    return;
  }
  if ("signOut" in form.dataset) dropDrafts();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

function dropDrafts() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(DRAFTS)) localStorage.removeItem(name);
    }
  } catch {
    // A browser that keeps nothing has nothing to remove.
  }
}

// The account menu closes when the person turns to something else.
const me = document.querySelector("details.me");
if (me) {
  document.addEventListener("click", (event) => {
    if (!me.contains(event.target)) me.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !me.open) return;
    me.open = false;
    me.querySelector("summary").focus();
  });
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = "Đã chép";
  });
}
