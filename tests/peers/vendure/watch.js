'use strict';
// What a test must know and no API of the shop tells: which mutations were asked for. And what a
// test must be able to do: end every login at once.
//   GET  /_peer/counts      {"requests": n, "mutations": {"createProduct": n, …}} of the admin API
//   POST /_peer/log-out     deletes all sessions
const { Session } = require('@vendure/core');

class Watch {
  constructor() {
    this.requests = 0;
    this.mutations = {};
    this.serve = this.serve.bind(this);
    this.plugin = { requestDidStart: async () => ({ didResolveOperation: async r => this.count(r) }) };
  }

  observe(connection, authOptions) {
    this.connection = connection;
    this.authOptions = authOptions;
  }

  count({ operation, contextValue }) {
    if (!contextValue.req.originalUrl.startsWith('/admin-api')) return;
    this.requests += 1;
    if (operation.operation !== 'mutation') return;
    for (const field of operation.selectionSet.selections)
      this.mutations[field.name.value] = (this.mutations[field.name.value] || 0) + 1;
  }

  async logOut() {
    await this.authOptions.sessionCacheStrategy.clear();
    const sessions = this.connection.rawConnection.getRepository(Session);
    const all = await sessions.find();
    await sessions.remove(all);
    return { sessions: all.length };
  }

  async serve(request, response) {
    const asked = `${request.method} ${new URL(request.url, 'http://x').pathname}`;
    try {
      const answer = asked === 'GET /counts' ? { requests: this.requests, mutations: this.mutations }
        : asked === 'POST /log-out' ? await this.logOut() : null;
      response.statusCode = answer ? 200 : 404;
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  }
}

module.exports = { Watch };
