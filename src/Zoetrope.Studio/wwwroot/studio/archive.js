// Files of the server as one zip without compression: pictures and videos are compressed already. Each is read once and handed to the
// browser, which keeps blobs outside of this page's memory.
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

const crcOf = bytes => {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
};

// The fields that the two records of a file share: version, UTF-8 names, stored, a time, its sum, its sizes.
const shared = (record, at, file) => {
  const now = new Date();
  record.setUint16(at, 20, true);
  record.setUint16(at + 2, 0x0800, true);
  record.setUint16(at + 6, (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1), true);
  record.setUint16(at + 8, ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate(), true);
  record.setUint32(at + 10, file.crc, true);
  record.setUint32(at + 14, file.size, true);
  record.setUint32(at + 18, file.size, true);
  record.setUint16(at + 22, file.name.length, true);
};

// Saves the archive; answers how many of the files could not be read and are missing in it.
export const archive = async (name, urls, names) => {
  const [parts, files] = [[], []];
  let [at, missing] = [0, 0];
  for (let i = 0; i < urls.length; i++) {
    const answer = await fetch(urls[i]).catch(() => null);
    if (!answer?.ok) {
      missing++;
      continue;
    }
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const file = { name: new TextEncoder().encode(names[i]), crc: crcOf(bytes), size: bytes.length, at };
    const head = new DataView(new ArrayBuffer(30));
    head.setUint32(0, 0x04034b50, true);
    shared(head, 4, file);
    parts.push(head, file.name, new Blob([bytes]));
    at += 30 + file.name.length + file.size;
    files.push(file);
  }
  const start = at;
  for (const file of files) {
    const entry = new DataView(new ArrayBuffer(46));
    entry.setUint32(0, 0x02014b50, true);
    entry.setUint16(4, 20, true);
    shared(entry, 6, file);
    entry.setUint32(42, file.at, true);
    parts.push(entry, file.name);
    at += 46 + file.name.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, at - start, true);
  end.setUint32(16, start, true);
  if (files.length > 0) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([...parts, end], { type: "application/zip" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  return missing;
};
