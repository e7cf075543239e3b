// Read the token from the fragment, which browsers never send, and take it out of the address.

const form = document.getElementById("enrol");
const token = decodeURIComponent(location.hash.slice(1));

if (form && token) {
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  document.getElementById("found").hidden = false;
  form.querySelector("button").focus();
}
