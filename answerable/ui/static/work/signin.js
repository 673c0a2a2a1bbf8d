// Says in words why a passkey did not work; allauth only writes to the console.
document.addEventListener("allauth.error", (event) => {
  const place = document.getElementById("passkey-trouble")
  if (!place) return
  event.preventDefault()
  place.textContent = place.dataset.words
})
