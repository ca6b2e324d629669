"""The self-service in a browser, by Selenium."""

import os

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.wait import WebDriverWait

SITE = "https://selvbetjening.toldhuset.test"


@pytest.fixture
def driver():
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ.get("CHROME_BIN", "/usr/bin/chromium")
    options.add_argument("--headless=new")
    options.add_argument("--no-sandbox")
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


def test_statement_after_log_in(driver):
    driver.get(SITE)
    driver.find_element(By.ID, "cpr").send_keys("010145-5001")
    driver.find_element(By.CSS_SELECTOR, "#log-paa button").click()
    wait = WebDriverWait(driver, 20)
    wait.until(expected_conditions.title_contains("Årsopgørelse"))
    assert driver.find_element(By.TAG_NAME, "h1").text == "Årsopgørelse 2025"
    # What counts the visit was sent when the browser lists it among what the page loaded.
    loaded = "return performance.getEntriesByType('resource').map((one) => one.name).join(' ')"
    wait.until(lambda driver: "/b/ss/" in driver.execute_script(loaded))
