using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Catalog;

/// <summary>The SQL of <c>catalogs</c>: the operator's catalogue files, one after the other.</summary>
internal static class CatalogStore
{
    /// <summary>The version in use; 0 where none was ever applied.</summary>
    public static async ValueTask<long> NewestAsync(Session session) =>
        await session.ScalarAsync<long>("select coalesce(max(version), 0) from catalogs");

    public static async ValueTask<byte[]> ReadAsync(Session session, long version) => Encoding.UTF8.GetBytes(
        (await session.ScalarAsync<string>("select json from catalogs where version = @version", new { version }))!);

    /// <summary>Puts a file into use that was checked before; returns its version.</summary>
    public static async Task<long> AddAsync(Tx tx, byte[] file, DateTimeOffset now) => await tx.ScalarAsync<long>(
        """
        insert into catalogs (version, json, sha256, applied_at)
        values ((select coalesce(max(version), 0) + 1 from catalogs), @json, @sha256, @now) returning version
        """,
        new
        {
            json = Encoding.UTF8.GetString(file).TrimStart('\uFEFF'),
            sha256 = Convert.ToHexStringLower(SHA256.HashData(file)),
            now = now.ToUnixTimeMilliseconds(),
        });
}
