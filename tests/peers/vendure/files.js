'use strict';
// Asset files in a folder, served as they are: Vendure's core has no storage of its own.
const fs = require('node:fs');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');

class Files {
  constructor(folder) {
    this.folder = path.join(folder, 'assets');
    fs.mkdirSync(this.folder, { recursive: true });
    this.serve = this.serve.bind(this);
  }

  at(name) {
    return path.join(this.folder, path.basename(name));
  }

  async writeFileFromBuffer(name, data) {
    await fs.promises.writeFile(this.at(name), data);
    return path.basename(name);
  }

  async writeFileFromStream(name, data) {
    await pipeline(data, fs.createWriteStream(this.at(name)));
    return path.basename(name);
  }

  readFileToBuffer(identifier) {
    return fs.promises.readFile(this.at(identifier));
  }

  async readFileToStream(identifier) {
    return fs.createReadStream(this.at(identifier));
  }

  async deleteFile(identifier) {
    await fs.promises.unlink(this.at(identifier));
  }

  async fileExists(name) {
    return fs.existsSync(this.at(name));
  }

  toAbsoluteUrl(request, identifier) {
    return identifier ? `http://${request.headers.host}/assets/${encodeURIComponent(identifier)}` : '';
  }

  serve(request, response) {
    const file = this.at(decodeURIComponent(new URL(request.url, 'http://x').pathname));
    fs.readFile(file, (error, data) => {
      response.statusCode = error ? 404 : 200;
      response.end(error ? '' : data);
    });
  }
}

// The preview is the file itself.
class NoPreview {
  async generatePreviewImage(ctx, mimeType, data) {
    return data;
  }
}

module.exports = { Files, NoPreview };
