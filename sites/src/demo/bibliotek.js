/* Bibliotek 1.11 (opdigtet): lets a page know that scripts run. */
document.documentElement.classList.add("har-bibliotek");
