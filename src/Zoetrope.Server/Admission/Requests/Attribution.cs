using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>A name and a value by which a client finds and counts its tasks.</summary>
internal readonly record struct Tag(string Name, string Value);

/// <summary>What a request is counted for beside its key: the client's own tags, sorted by name, and the client's own user.</summary>
internal sealed record Attribution(Tag[] Tags, string? User)
{
    public const string TagsField = "tags";
    public const string UserField = "user";

    public const int MaxTags = 8;
    public const int MaxTagLength = 64;
    public const int MaxUserLength = 128;

    public const string AllowedTags =
        "up to 8 names with a text each: 1 to 64 characters, no control characters, and in a name none of = , :";

    public static readonly Attribution None = new([], null);

    /// <summary>The tags as a JSON object, as they are stored; null where there are none.</summary>
    public string? TagsJson => Tags.Length == 0 ? null : WireJson.Text(writer =>
    {
        writer.WriteStartObject();
        foreach (var tag in Tags)
        {
            writer.WriteString(tag.Name, tag.Value);
        }

        writer.WriteEndObject();
    });

    /// <summary>The tags of <see cref="TagsJson"/>.</summary>
    public static Tag[] ReadTags(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateObject().Select(tag => new Tag(tag.Name, tag.Value.GetString()!))];
    }

    /// <summary>This, and of the other what is not here: a tag of the same name and a user are not replaced.</summary>
    public Outcome<Attribution> Over(Attribution other)
    {
        if (other.Tags.Length == 0)
        {
            return User is not null || other.User is null ? this : this with { User = other.User };
        }

        var tags = Sorted([.. Tags, .. other.Tags.Where(tag => !Tags.Any(own => own.Name == tag.Name))]);
        return tags.Length > MaxTags ? TooMany(TagsField, tags.Length) : new Attribution(tags, User ?? other.User);
    }

    /// <summary>The fields of a body; a value that is absent is none.</summary>
    public static Outcome<Attribution> Read(JsonElement body)
    {
        var tags = None.Tags;
        string? user = null;
        Problem? problem;
        return (body.TryGetProperty(TagsField, out var given) && ReadTags(given).Failed(out problem, out tags))
            || (body.TryGetProperty(UserField, out given) && ReadUser(given).Failed(out problem, out user))
                ? problem
                : Of(tags, user);
    }

    public static Outcome<Tag[]> ReadTags(JsonElement given)
    {
        if (ValueReader.IsAbsent(given))
        {
            return None.Tags;
        }

        var value = ValueReader.Structured(given, '{');
        if (value.ValueKind != JsonValueKind.Object)
        {
            return Problems.InvalidParameter.With("tags must be an object of texts.", TagsField, Given.Of(given), AllowedTags);
        }

        var tags = new List<Tag>();
        foreach (var property in value.EnumerateObject())
        {
            if (!TryName(property, out var name) || !ValueReader.TryText(property.Value, out var text))
            {
                return Problems.InvalidParameter.With(
                    "Names and values of tags must be texts.", TagsField, Given.Of(property.Value), AllowedTags);
            }

            if (Check(new Tag(name, text), TagsField, Given.Of(property.Value)) is { } problem)
            {
                return problem;
            }

            if (tags.Exists(other => other.Name == name))
            {
                return Problems.InvalidParameter.With("A tag is named twice.", TagsField, ShortText.Of(name), "each name once");
            }

            tags.Add(new Tag(name, text));
            if (tags.Count > MaxTags)
            {
                return TooMany(TagsField, value.EnumerateObject().Count());
            }
        }

        return Sorted(tags);
    }

    public static bool TryName(JsonProperty property, out string name)
    {
        try
        {
            name = property.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            // Half of a character is no text.
            name = "";
            return false;
        }
    }

    public static Outcome<string?> ReadUser(JsonElement given)
    {
        if (ValueReader.IsAbsent(given))
        {
            return (string?)null;
        }

        return ValueReader.TryText(given, out var user) && IsText(user, MaxUserLength) ? user : WrongUser(UserField, Given.Of(given));
    }

    public static Attribution Of(Tag[] tags, string? user) =>
        tags.Length == 0 && user is null ? None : new Attribution(tags, user);

    public static Tag[] Sorted(IEnumerable<Tag> tags) => [.. tags.OrderBy(tag => tag.Name, StringComparer.Ordinal)];

    /// <summary>What is wrong with a tag; null if nothing is.</summary>
    public static Problem? Check(Tag tag, string field, string given)
    {
        var name = ShortText.Of(tag.Name);
        return !IsName(tag.Name)
            ? Problems.InvalidParameter.With("The name of a tag cannot be used.", field, name, AllowedTags)
            : IsText(tag.Value, MaxTagLength)
                ? null
                : Problems.InvalidParameter.With($"The value of the tag {name} cannot be used.", $"{field}.{name}", given, AllowedTags);
    }

    public static bool IsName(string name) => IsText(name, MaxTagLength) && !name.AsSpan().ContainsAny('=', ',', ':');

    public static bool IsText(string text, int longest) =>
        text.Length <= longest && text.AsSpan().Trim().Length > 0 && !text.Any(char.IsControl);

    public static Problem WrongUser(string field, string? given) => Problems.InvalidParameter.With(
        $"{field} must be a text of 1 to {MaxUserLength} characters, none of them a control character.",
        field,
        given,
        $"1 to {MaxUserLength} characters");

    public static Problem TooMany(string field, int count) => Problems.InvalidParameter.With(
        $"A request has at most {MaxTags} tags.", field, $"{count} tags", AllowedTags);
}
