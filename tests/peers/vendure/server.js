'use strict';
// A real Vendure shop on 127.0.0.1, as a merchant in Germany would set it up. peer.py starts it.
//
// PEER_PORT     listening port; 0 takes a free one
// PEER_FOLDER   where asset files go
// PEER_DB       "sqljs" (in memory) or "postgres" (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE)
// PEER_PLAIN    "1": without custom fields, as a shop that nobody prepared for an ERP
// PEER_LANGUAGE, PEER_CURRENCY   of the channel, "de" and "EUR"
// PEER_NET      "1": prices without tax
//
// "READY <port>" on stdout says that it answers. SIGTERM ends it.
process.env.VENDURE_DISABLE_TELEMETRY = 'true';
if (!globalThis.crypto) globalThis.crypto = require('node:crypto').webcrypto; // Node.js 18

const {
  bootstrap, ChannelService, ConfigService, CurrencyCode, DefaultJobQueuePlugin, DefaultLogger,
  DefaultSearchPlugin, dummyPaymentHandler, GlobalSettingsService, JobQueueService, LanguageCode,
  LogLevel, RequestContextService, TransactionalConnection,
} = require('@vendure/core');
const { populateInitialData } = require('@vendure/core/cli');
const { InMemoryJobQueueStrategy } = require('@vendure/core/dist/job-queue/in-memory-job-queue-strategy');
const { Files, NoPreview } = require('./files');
const { Watch } = require('./watch');

const folder = process.env.PEER_FOLDER;
const language = process.env.PEER_LANGUAGE || LanguageCode.de;
const currency = process.env.PEER_CURRENCY || CurrencyCode.EUR;
const files = new Files(folder);
const watch = new Watch();

const database = process.env.PEER_DB === 'postgres'
  ? { type: 'postgres', host: process.env.PGHOST, port: Number(process.env.PGPORT || 5432),
      username: process.env.PGUSER, password: process.env.PGPASSWORD || '',
      database: process.env.PGDATABASE, schema: 'public' }
  : { type: 'sqljs', autoSave: false };

const text = (name, label, more) => ({
  name, type: 'string', nullable: true, public: false,
  label: [{ languageCode: LanguageCode.de, value: label }], ...more,
});
const papers = [
  ['kontorDocuments', 'Dokumente'], ['kontorNotices', 'Hinweise'],
  ['kontorEnergy', 'Energielabel'], ['kontorSchemaOrg', 'schema.org'],
].map(([name, label]) => text(name, label, { public: true, type: 'text' }));
const customFields = process.env.PEER_PLAIN === '1' ? {} : {
  Address: [text('vatId', 'USt-IdNr.', { public: true })],
  Customer: [text('vatId', 'USt-IdNr.', { public: true })],
  Order: [
    text('erpNumber', 'Belegnummer'), text('kontorKey', 'Schlüssel der Übertragung'),
    text('buyerPo', 'Bestellnummer des Kunden', { public: true }),
    text('customerNote', 'Anmerkung', { public: true, type: 'text' }),
    text('kontorDocuments', 'Dokumente', { public: true }),
  ],
  Product: [text('kontorKey', 'Schlüssel der Übertragung'), ...papers],
  ProductVariant: [
    text('gtin', 'GTIN', { public: true }), text('kontorKey', 'Schlüssel der Übertragung'),
    { name: 'weight', type: 'float', nullable: true, public: true,
      label: [{ languageCode: LanguageCode.de, value: 'Gewicht (kg)' }] },
    ...papers,
  ],
};

const config = {
  logger: new DefaultLogger({ level: LogLevel.Error, timestamp: false }),
  defaultLanguageCode: language,
  apiOptions: {
    hostname: '127.0.0.1', port: Number(process.env.PEER_PORT || 0),
    adminApiPath: 'admin-api', shopApiPath: 'shop-api',
    adminListQueryLimit: 1000, shopListQueryLimit: 100,
    apolloServerPlugins: [watch.plugin],
    middleware: [
      { route: '/assets', handler: files.serve, beforeListen: true },
      { route: '/_peer', handler: watch.serve, beforeListen: true },
    ],
  },
  assetOptions: { assetStorageStrategy: files, assetPreviewStrategy: new NoPreview() },
  authOptions: {
    tokenMethod: ['bearer', 'cookie'], requireVerification: false,
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    cookieOptions: { secret: 'peer' },
  },
  dbConnectionOptions: { ...database, synchronize: true, logging: false },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  // many small jobs: with the usual second between two of them collections would lag by minutes
  ...(database.type === 'sqljs'
    ? { jobQueueOptions: { jobQueueStrategy: new InMemoryJobQueueStrategy({ pollInterval: 5 }) } } : {}),
  customFields,
  plugins: [
    ...(database.type === 'postgres' ? [DefaultJobQueuePlugin.init({ pollInterval: 20 })] : []),
    DefaultSearchPlugin.init({ bufferUpdates: false, indexStockStatus: true }),
  ],
};

const pays = (name, settles) => ({
  name, handler: { code: 'dummy-payment-handler',
                   arguments: [{ name: 'automaticSettle', value: String(settles) }] },
});
const initialData = {
  defaultLanguage: language,
  defaultZone: 'Europa',
  countries: [
    { name: 'Deutschland', code: 'DE', zone: 'Europa' },
    { name: 'Österreich', code: 'AT', zone: 'Europa' },
    { name: 'Niederlande', code: 'NL', zone: 'Europa' },
  ],
  taxRates: [{ name: 'Standard', percentage: 19 }, { name: 'Reduced', percentage: 7 }],
  shippingMethods: [{ name: 'Paketversand', price: 490, taxRate: 19 }],
  paymentMethods: [pays('Karte', true), pays('Rechnung', false)],
  collections: [],
};

async function furnish(app) {
  const channels = app.get(ChannelService);
  const channel = await channels.getDefaultChannel();
  if (channel.defaultShippingZone) return; // done at an earlier start
  const ctx = await app.get(RequestContextService).create({ apiType: 'admin' });
  await app.get(GlobalSettingsService).updateSettings(ctx, {
    availableLanguages: [LanguageCode.de, LanguageCode.en], trackInventory: true,
  });
  await channels.update(ctx, {
    id: channel.id, pricesIncludeTax: process.env.PEER_NET !== '1', defaultLanguageCode: language,
    availableLanguageCodes: [LanguageCode.de, LanguageCode.en],
    defaultCurrencyCode: currency, availableCurrencyCodes: [currency, CurrencyCode.CHF],
  });
  await populateInitialData(app, initialData);
}

async function main() {
  const app = await bootstrap(config);
  await app.get(JobQueueService).start();
  await furnish(app);
  watch.observe(app.get(TransactionalConnection), app.get(ConfigService).authOptions);
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => app.close().finally(() => process.exit(0)));
  console.log(`READY ${app.getHttpServer().address().port}`);
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
