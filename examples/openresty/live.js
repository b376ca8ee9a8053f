// Follows a job: loads the page again when the state of the job has changed.
"use strict";

const state = document.getElementById("state");

async function look() {
  const response = await fetch("/jobs/" + state.dataset.job, { headers: { Accept: "application/json" } });
  if (!response.ok) {
    throw new Error("status " + response.status);
  }
  return response.json();
}

async function follow(seconds) {
  try {
    const job = await look();
    if (job.final || job.state !== state.dataset.state) {
      return location.reload();
    }
    seconds = 0.5;
  } catch (error) {
    state.textContent = "The server does not answer; trying again.";
    seconds = Math.min(2 * seconds, 30);
  }
  setTimeout(follow, 1000 * seconds, seconds);
}

follow(0.5);
