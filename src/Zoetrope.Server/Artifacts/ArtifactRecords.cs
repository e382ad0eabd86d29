using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// The artifacts table. Reads take the account; only the signed-URL route, whose signature is the permission, finds by
/// id alone.
/// </summary>
internal sealed class ArtifactRecords(Database database, ArtifactOptions options, TimeProvider time)
{
    private static readonly long TakeOverMilliseconds = (long)BlobRecords.TakeOver.TotalMilliseconds;

    private const string Columns =
        "id, account_id, mode, role, content_type, bytes, sha256, width, height, duration_ms, fps, codec, audio_codec, "
        + "created_at, expires_at";

    /// <summary>A new artifact, not yet inserted; its life is the configured retention, or a given one.</summary>
    public Artifact New(string accountId, KeyMode mode, ArtifactRole role, MediaProbe probe, DateTimeOffset? expiresAt = null)
    {
        var now = time.GetUtcNow();
        return new Artifact
        {
            Id = Ids.New(Ids.Artifact, time),
            AccountId = accountId,
            Mode = mode,
            Role = role,
            Probe = probe,
            CreatedAt = now,
            ExpiresAt = expiresAt ?? (options.RetentionDays is { } days ? now.AddDays(days) : null),
        };
    }

    /// <summary>A new artifact with its own lifetime, whatever the retention.</summary>
    public Artifact NewFor(string accountId, KeyMode mode, ArtifactRole role, MediaProbe probe, TimeSpan life) =>
        New(accountId, mode, role, probe, time.GetUtcNow() + life);

    /// <summary>A result's poster, which is drawn when somebody asks for it and ends with its result.</summary>
    public Artifact NewPoster(Artifact result) => New(
        result.AccountId,
        result.Mode,
        ArtifactRole.Poster,
        new MediaProbe { ContentType = Posters.ContentType, Bytes = 0, Sha256 = result.Probe.Sha256 },
        result.ExpiresAt);

    /// <summary>Part of the caller's transaction: a generation's outputs appear with its terminal state.</summary>
    public static Task InsertAsync(Tx tx, Artifact artifact) => tx.ExecuteAsync(
        """
        insert into artifacts (
            id, account_id, mode, role, content_type, bytes, sha256, width, height, duration_ms, fps, codec, audio_codec,
            created_at, expires_at)
        values (
            @Id, @AccountId, @Mode, @Role, @ContentType, @Bytes, @Sha256, @Width, @Height, @DurationMs, @Fps, @Codec, @AudioCodec,
            @CreatedAt, @ExpiresAt)
        """,
        new
        {
            artifact.Id,
            artifact.AccountId,
            Mode = (long)artifact.Mode,
            Role = RoleText(artifact.Role),
            artifact.Probe.ContentType,
            artifact.Probe.Bytes,
            artifact.Probe.Sha256,
            Width = (long?)artifact.Probe.Width,
            Height = (long?)artifact.Probe.Height,
            DurationMs = artifact.Probe.DurationSeconds is { } seconds ? (long?)Math.Round(seconds * 1000) : null,
            Fps = artifact.Probe.FramesPerSecond,
            artifact.Probe.Codec,
            artifact.Probe.AudioCodec,
            CreatedAt = artifact.CreatedAt.ToUnixTimeMilliseconds(),
            ExpiresAt = artifact.ExpiresAt?.ToUnixTimeMilliseconds(),
        });

    public Task InsertAsync(IReadOnlyList<Artifact> artifacts) => database.InTransactionAsync(async tx =>
    {
        foreach (var artifact in artifacts)
        {
            await InsertAsync(tx, artifact);
        }
    });

    public ValueTask<Artifact?> FindAsync(string accountId, string artifactId) => ReadOneAsync(
        $"select {Columns} from artifacts where id = @Id and account_id = @AccountId and deleted_at is null "
        + "and (expires_at is null or expires_at > @Now)",
        artifactId,
        accountId);

    /// <summary>For URLs whose signature was verified.</summary>
    public ValueTask<Artifact?> FindSignedAsync(string artifactId) => ReadOneAsync(
        $"select {Columns} from artifacts where id = @Id and deleted_at is null and (expires_at is null or expires_at > @Now)",
        artifactId,
        accountId: null);

    /// <summary>The result of a poster that is not drawn; null where it has gone.</summary>
    public async ValueTask<Artifact?> FindResultAsync(Artifact poster)
    {
        var row = await database.ReadAsync(async session => await session.FirstOrDefaultAsync<Row>(
            $"select {Columns} from artifacts where sha256 = @Sha256 and account_id = @AccountId and role = 'output' and deleted_at is null "
            + "and (expires_at is null or expires_at > @Now) order by id limit 1",
            new { poster.Probe.Sha256, poster.AccountId, Now = Now() }));
        return row?.ToArtifact();
    }

    /// <summary>The poster is drawn; false where another node was quicker, or it was deleted meanwhile.</summary>
    public async Task<bool> DrawnAsync(string posterId, MediaProbe probe) => await database.InTransactionAsync(tx => tx.ExecuteAsync(
        """
        update artifacts set bytes = @Bytes, sha256 = @Sha256, width = @Width, height = @Height, codec = @Codec
        where id = @posterId and role = 'poster' and bytes = 0 and deleted_at is null
        """,
        new { posterId, probe.Bytes, probe.Sha256, Width = (long?)probe.Width, Height = (long?)probe.Height, probe.Codec })) > 0;

    /// <summary>Marks artifacts of the account as deleted; their URLs answer 404 from then on and the sweep removes the bytes.</summary>
    public Task<int> DeleteAsync(string accountId, string artifactId) =>
        database.InTransactionAsync(tx => DeleteAsync(tx, accountId, [artifactId], time.GetUtcNow()));

    /// <summary>The same for many, in the transaction that deletes what named them.</summary>
    public static async Task<int> DeleteAsync(Tx tx, string accountId, IReadOnlyList<string> ids, DateTimeOffset now)
    {
        var which = $"account_id = @accountId and id in ({ListOf(tx, "ids")})";
        var list = Json(ids);
        var deleted = await tx.ExecuteAsync(
            $"update artifacts set deleted_at = @now where deleted_at is null and {which}",
            new { accountId, now = now.ToUnixTimeMilliseconds(), ids = list });
        await BlobRecords.LookAsync(
            tx, which, new { accountId, ids = list, lookAt = now.ToUnixTimeMilliseconds() + TakeOverMilliseconds });
        return deleted;
    }

    /// <summary>
    /// Marks some expired artifacts as deleted, and returns how many. Readers stop at the expiry itself; the bytes stay an hour
    /// longer for a request that was just taking them over as its input.
    /// </summary>
    public Task<int> ExpireAsync(int limit) => database.InTransactionAsync(async tx =>
    {
        var ids = await tx.QueryAsync<string>(
            """
            update artifacts set deleted_at = @now where id in (
                select id from artifacts where expires_at is not null and deleted_at is null and expires_at <= @before
                order by expires_at limit @limit
            """ + (tx.Dialect == SqlDialect.Postgres ? " for update skip locked" : "") + ") returning id",
            new { now = Now(), before = Now() - TakeOverMilliseconds, limit });
        if (ids.Count > 0)
        {
            await BlobRecords.LookAsync(tx, $"id in ({ListOf(tx, "ids")})", new { ids = Json(ids), lookAt = Now() });
        }

        return ids.Count;
    });

    public static string RoleText(ArtifactRole role) => role switch
    {
        ArtifactRole.Output => "output",
        ArtifactRole.Poster => "poster",
        ArtifactRole.Input => "input",
        _ => "upload",
    };

    private async ValueTask<Artifact?> ReadOneAsync(string sql, string artifactId, string? accountId)
    {
        if (!Ids.IsValid(Ids.Artifact, artifactId))
        {
            return null;
        }

        var row = await database.ReadAsync(async session =>
            await session.FirstOrDefaultAsync<Row>(sql, new { Id = artifactId, AccountId = accountId, Now = Now() }));
        return row?.ToArtifact();
    }

    private static string ListOf(Tx tx, string name) => tx.Dialect is SqlDialect.Sqlite
        ? $"select value from json_each(@{name})"
        : $"select json_array_elements_text(@{name}::json)";

    private static string Json(IEnumerable<string> ids) => $"[{string.Join(',', ids.Select(id => $"\"{id}\""))}]";

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Row
    {
        public string Id { get; init; } = "";

        public string AccountId { get; init; } = "";

        public long Mode { get; init; }

        public string Role { get; init; } = "";

        public string ContentType { get; init; } = "";

        public long Bytes { get; init; }

        public string Sha256 { get; init; } = "";

        public long? Width { get; init; }

        public long? Height { get; init; }

        public long? DurationMs { get; init; }

        public double? Fps { get; init; }

        public string? Codec { get; init; }

        public string? AudioCodec { get; init; }

        public long CreatedAt { get; init; }

        public long? ExpiresAt { get; init; }

        public Artifact ToArtifact() => new()
        {
            Id = Id,
            AccountId = AccountId,
            Mode = (KeyMode)Mode,
            Role = Enum.Parse<ArtifactRole>(Role, ignoreCase: true),
            Probe = new MediaProbe
            {
                ContentType = ContentType,
                Bytes = Bytes,
                Sha256 = Sha256,
                Width = (int?)Width,
                Height = (int?)Height,
                DurationSeconds = DurationMs / 1000.0,
                FramesPerSecond = Fps,
                Codec = Codec,
                AudioCodec = AudioCodec,
            },
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            ExpiresAt = ExpiresAt is { } expiry ? DateTimeOffset.FromUnixTimeMilliseconds(expiry) : null,
        };
    }
}
