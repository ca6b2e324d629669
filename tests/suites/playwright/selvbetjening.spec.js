const { test, expect } = require('@playwright/test');

async function logIn(page) {
  await page.goto('/');
  await page.getByLabel('CPR-nummer').fill('010145-5001');
  await page.getByRole('button', { name: 'Fortsæt' }).click();
  await expect(page.getByRole('heading', { name: 'Årsopgørelse 2025' })).toBeVisible();
}

test.describe('Selvbetjening', () => {
  test('viser forsiden', async ({ page }) => {
    await page.goto('/');
    await expect(page).toHaveTitle(/Log på/);
    await page.waitForLoadState();
  });

  test('viser årsopgørelsen efter log på', async ({ page }) => {
    await logIn(page);
    await expect(page.getByText('3.412 kr.')).toBeVisible();
    await page.waitForLoadState();
  });

  test('gemmer kontaktoplysninger', async ({ page }) => {
    await logIn(page);
    await page.getByRole('link', { name: 'Ret kontaktoplysninger' }).click();
    await page.getByLabel('E-mail').fill('ditte@eksempel.test');
    await page.getByLabel('Dit CPR-nummer').fill('010145-5001');
    await page.waitForLoadState();
    await page.getByRole('button', { name: 'Gem oplysninger' }).click();
    await expect(page.getByRole('heading', { name: 'Kvittering' })).toBeVisible();
  });
});
