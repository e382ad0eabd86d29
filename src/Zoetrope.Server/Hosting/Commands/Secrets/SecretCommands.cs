using System.CommandLine;
using System.Text.Json.Nodes;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Events;
using Zoetrope.Server.Hosting.Cluster;

namespace Zoetrope.Server.Hosting.Commands.Secrets;

/// <summary><c>secrets list</c>, <c>rotate</c>, <c>import</c> and <c>reseal</c>; all while the servers run.</summary>
internal static class SecretCommands
{
    public static Command Create() => new("secrets", "What the server signs and seals with")
    {
        List(), Rotate(), Import(), Reseal(),
    };

    private static Command List() => new Command("list", "List the secrets, never what they are").Answering(async (_, _) =>
    {
        await using var secrets = await OperatorSecrets.OpenAsync();
        var states = secrets.Rows is { } rows
            ? [.. (await rows.ListAsync()).Select(SecretState.Of)]
            : secrets.All.Select(secret => SecretState.Of(secrets.DataDirectory, secret)).OfType<SecretState>().ToList();
        return new Answer(
            new JsonArray([.. states.Select(state => state.Json())]),
            console =>
            {
                var table = CommandOutput.NewTable("SECRET", "KEPT", "SINCE", "CHANGE");
                foreach (var state in states)
                {
                    table.AddRow(state.Name, state.Kept, PlainLines.Seconds(WireTime.Text(state.Since)), state.Change);
                }

                console.Write(table);
            });
    });

    private static Command Rotate()
    {
        var name = new Argument<string>("name") { Description = "One that secrets list shows" };
        var revoke = new Option<bool>("--revoke")
        {
            Description = "After a leak: what the old one signed is refused from now on",
        };
        return new Command("rotate", "Change a secret; what the old one signed stays good for as long as it may live") { name, revoke }
            .Answering(async (parsed, _) =>
            {
                await using var secrets = await OperatorSecrets.OpenAsync();
                var secret = secrets.Find(parsed.GetRequiredValue(name));
                if (secret.Name == WebhookKeys.Root.Name && !parsed.GetValue(revoke))
                {
                    throw new StartException(
                        "SECRET_IS_HELD",
                        "Customers hold signing secrets that are derived from it. To change one endpoint's, rotate that of the endpoint. "
                        + "With --revoke all endpoints get new ones at once, and every customer has to be told to fetch theirs.");
                }

                var words = await RotateAsync(secrets, secret, parsed.GetValue(revoke));
                return new Answer(
                    new JsonObject { ["name"] = secret.Name, ["words"] = words }, console => console.Profile.Out.Writer.WriteLine(words));
            });
    }

    private static async Task<string> RotateAsync(OperatorSecrets secrets, Secret secret, bool revoke)
    {
        var changing = new StartException(
            "SECRET_CHANGING",
            $"The last change of {secret.Name} is not over: what an older one signed is still accepted (secrets list). Wait for its end, or "
            + "revoke it with --revoke.");
        if (secrets.Rows is not { } rows)
        {
            if (!revoke && secret.Overlap is not null
                && SecretState.Of(secrets.DataDirectory, secret)?.PreviousUntil > TimeProvider.System.GetUtcNow())
            {
                throw changing;
            }

            SecretFiles.Rotate(secrets.DataDirectory, secret, revoke);
            await secrets.WriteAsync(
                new AuditEntry(AuditEntry.OfServer, "secret.rotated", secret.Name) { After = new { revoked = revoke } });
            return $"{secret.Name} is changed: {SecretFiles.PathOf(secrets.DataDirectory, secret.Name)}. "
                + "A running server uses it within 30 s.";
        }

        var key = secrets.RequiredMasterKey;
        if (await rows.FindAsync(secret.Name) is not { Sealed: { } whole })
        {
            throw new StartException(
                "NO_SECRET",
                $"The database does not have {secret.Name} yet. Start a node with Zoetrope__Secrets__MasterKey first.");
        }

        SecretRows.Open(key, secret.Name, whole);
        await rows.AdvanceAsync(secret);
        if (revoke || secret.Overlap is null)
        {
            await rows.ReplaceAsync(secret.Name, secret.Make(), key);
            return $"{secret.Name} is changed. Every node uses it within 30 s.";
        }

        return await rows.SucceedAsync(secret.Name, secret.Make(), key)
            ? $"{secret.Name} has a successor. Every node accepts it within 30 s and signs with it after "
                + $"{SecretRows.ToNotice.TotalSeconds:0} s; what the old one signed stays good for {Length(secret.Overlap.Value)} more."
            : throw changing;
    }

    private static Command Import()
    {
        var from = new Argument<DirectoryInfo>("directory") { Description = "A server's secrets directory" };
        return new Command("import", "Take over the secrets of a server, before another signs with its own") { from }
            .Answering(async (parsed, _) =>
            {
                await using var secrets = await OperatorSecrets.OpenAsync();
                var given = secrets.All.Select(secret => (secret.Name, Bytes: ReadOne(parsed.GetRequiredValue(from), secret)))
                    .Where(one => one.Bytes is not null).ToList();
                if (given.Count == 0)
                {
                    throw new StartException("NO_SECRETS", $"{parsed.GetRequiredValue(from).FullName} has no secrets of a server.");
                }

                var taken = await ImportAsync(secrets, given!);
                return new Answer(
                    new JsonObject { ["imported"] = new JsonArray([.. taken.Select(name => JsonValue.Create(name))]) },
                    console => console.Profile.Out.Writer.WriteLine(
                        taken.Count == 0 ? "All of them were there already." : $"Imported {string.Join(", ", taken)}."));
            });
    }

    private static async Task<IReadOnlyList<string>> ImportAsync(OperatorSecrets secrets, IReadOnlyList<(string Name, byte[] Bytes)> given)
    {
        var taken = new List<string>();
        foreach (var (name, bytes) in given)
        {
            // All are looked at before one is taken.
            var there = secrets.Rows is { } rows
                ? (await rows.FindAsync(name))?.Print
                : SecretFiles.Read(SecretFiles.PathOf(secrets.DataDirectory, name)) is { } own ? SecretRows.PrintOf(own) : null;
            if (there is null)
            {
                taken.Add(name);
            }
            else if (there != SecretRows.PrintOf(bytes))
            {
                throw new StartException(
                    "SECRETS_DIFFER", $"There is another {name} here already, and something may be signed with it. Nothing was imported.");
            }
        }

        foreach (var (name, bytes) in given.Where(one => taken.Contains(one.Name)))
        {
            if (secrets.Rows is { } rows)
            {
                await rows.OfferAsync(name, bytes, secrets.RequiredMasterKey);
            }
            else
            {
                SecretFiles.Write(SecretFiles.PathOf(secrets.DataDirectory, name), bytes, overwrite: false);
            }

            await secrets.WriteAsync(new AuditEntry(AuditEntry.OfServer, "secret.imported", name));
        }

        return taken;
    }

    private static Command Reseal()
    {
        var file = new Option<FileInfo>("--new-key-file")
        {
            Description = "A file with the new master key, base64 of 32 random bytes",
            Required = true,
        };
        return new Command("reseal", "Seal the secrets with another master key; then give every node that one") { file }
            .Answering(async (parsed, _) =>
            {
                await using var secrets = await OperatorSecrets.OpenAsync();
                if (secrets.Rows is not { } rows)
                {
                    throw new StartException(
                        "NO_CLUSTER", "With SQLite the secrets are files and not sealed.", StartException.BadSettings);
                }

                var path = parsed.GetRequiredValue(file);
                if (!path.Exists)
                {
                    throw new StartException("USAGE", $"--new-key-file: There is no file {path.FullName}.", StartException.BadSettings);
                }

                var count = await rows.ResealAsync(
                    secrets.RequiredMasterKey, new SecretsOptions { MasterKeyFile = path.FullName }.Read() ?? throw new StartException(
                        "USAGE", "--new-key-file: The file is empty.", StartException.BadSettings));
                return new Answer(
                    new JsonObject { ["resealed"] = count },
                    console => console.Profile.Out.Writer.WriteLine(
                        $"{count} secrets are sealed with the new key. Running nodes go on with what they have; set "
                        + "Zoetrope__Secrets__MasterKey to the new key on each, and restart them one after the other."));
            });
    }

    private static byte[]? ReadOne(DirectoryInfo directory, Secret secret) =>
        SecretFiles.Read(Path.Combine(directory.FullName, SecretFiles.FileNameOf(secret.Name)));

    private static string Length(TimeSpan time) => time.TotalDays >= 1 ? $"{time.TotalDays:0} days" : $"{time.TotalHours:0} h";
}
