using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>Section <c>Zoetrope:Secrets</c>: how the nodes of one database come to the same secrets.</summary>
internal sealed class SecretsOptions : IValidatableObject
{
    public const int KeyBytes = 32;

    /// <summary>Base64 of 32 random bytes, the same on every node; seals the secrets in the database.</summary>
    public string MasterKey { get; init; } = "";

    /// <summary>A file with the same text, instead of it.</summary>
    public string MasterKeyFile { get; init; } = "";

    /// <summary>Null where there is none: then each node has the secrets of its own data directory.</summary>
    /// <exception cref="StartException">It is no such key; the message does not repeat it.</exception>
    public byte[]? Read()
    {
        var (name, text) = MasterKeyFile.Length > 0
            ? (nameof(MasterKeyFile), File.ReadAllText(MasterKeyFile).Trim())
            : (nameof(MasterKey), MasterKey);
        return text.Length == 0
            ? null
            : Decode(text) ?? throw StartException.BadSetting(
                $"Secrets:{name}", $"It must be base64 of {KeyBytes} random bytes, such as `openssl rand -base64 {KeyBytes}` prints.");
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MasterKey.Length > 0 && MasterKeyFile.Length > 0)
        {
            yield return new ValidationResult("Set MasterKey or MasterKeyFile, not both", [nameof(MasterKeyFile)]);
        }
        else if (MasterKeyFile.Length > 0 && !File.Exists(MasterKeyFile))
        {
            yield return new ValidationResult("There is no such file", [nameof(MasterKeyFile)]);
        }
    }

    private static byte[]? Decode(string text)
    {
        var key = new byte[KeyBytes];
        return Convert.TryFromBase64String(text, key, out var length) && length == KeyBytes ? key : null;
    }
}
