using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers;

/// <summary>
/// One submit as it will be sent, made before anything leaves: what is stored and shown is what the adapter sends. Input files
/// are marks in the body, which the adapter fills when it sends: with the bytes, or with where it has put the file.
/// </summary>
internal sealed class PreparedSubmit
{
    private readonly JsonObject _target;
    private readonly List<PreparedField> _fields;

    private PreparedSubmit(string model, VendorBody body, JsonObject target, List<PreparedField> fields) =>
        (Model, Body, _target, _fields) = (model, body, target, fields);

    /// <summary>The vendor's model id, complete.</summary>
    public string Model { get; }

    /// <summary>The whole request, if the vendor accepts JSON.</summary>
    public VendorBody Body { get; }

    /// <summary>The prompt, the parameters and the route's fixed values in the order in which they are written; no files.</summary>
    public IReadOnlyList<PreparedField> Fields => _fields;

    /// <summary>Why it cannot be sent; a submit of it is refused and sends nothing.</summary>
    public ProviderError? Fault { get; set; }

    /// <summary>
    /// What a customer is shown: the vendor's fields and values. Not the prompt and the files, which they have, and not what is
    /// between the vendor and this server: keys, ids of attempts, callback URLs, folders of the operator.
    /// </summary>
    public JsonObject Sent =>
        new(_fields.Where(told => !told.IsPrompt).Select(told => KeyValuePair.Create(told.Path, (JsonNode?)told.Value.DeepClone())));

    /// <summary>Translates the request, once.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="file">How a file is written in this vendor's body: a mark of the body, alone or in an object.</param>
    /// <param name="modelField">The field of the body that begins it with the model id; null where the id is written elsewhere.</param>
    /// <param name="model">The model id if it differs from the route's.</param>
    /// <param name="inside">The member of the body that holds all fields; null where they are the body.</param>
    public static PreparedSubmit Of(
        ProviderRequest request,
        Func<VendorBody, ProviderInput, JsonNode> file,
        string? modelField = null,
        string? model = null,
        string? inside = null)
    {
        var body = new VendorBody();
        if (modelField is not null)
        {
            body.Json[modelField] = "";
        }

        var target = body.Json;
        if (inside is not null)
        {
            body.Json[inside] = target = [];
        }

        var translated = RouteTranslation.Write(target, request, input => file(body, input));
        model ??= translated.Model;
        if (modelField is not null)
        {
            body.Json[modelField] = model;
        }

        var fields = translated.Fields.Select(
            field => new PreparedField(field.Path.Text, field.Value, IsPrompt: field.Field.Source is RouteSource.Prompt))
            .Concat(request.Route.Fixed.Select(item => new PreparedField(item.Path.Text, item.For(request.Output)!)));
        return new PreparedSubmit(model, body, target, [.. fields]);
    }

    /// <summary>For a provider that accepts the request as it is.</summary>
    public static PreparedSubmit InOurWords(ProviderRequest request) => new(request.Route.Model, new VendorBody(), [], []);

    /// <summary>What the model itself is given: the body, or the part of it that holds the fields.</summary>
    public JsonObject Input => _target;

    public bool Has(string field) => _target.ContainsKey(field);

    /// <summary>Adds a field that the route does not name, or says one again.</summary>
    public void Set(string field, JsonNode value)
    {
        _target[field] = value;
        var place = _fields.FindIndex(known => known.Path == field);
        if (place < 0)
        {
            _fields.Add(new PreparedField(field, value.DeepClone()));
        }
        else
        {
            _fields[place] = _fields[place] with { Value = value.DeepClone() };
        }
    }

    /// <summary>Takes a field out that this vendor refuses beside another.</summary>
    public void Remove(string field)
    {
        _target.Remove(field);
        _fields.RemoveAll(known => known.Path == field);
    }
}

/// <summary>One field of a vendor's request.</summary>
/// <param name="Path">The vendor's field.</param>
/// <param name="Value">What it says.</param>
/// <param name="IsPrompt">Whether it is the customer's prompt.</param>
internal sealed record PreparedField(string Path, JsonNode Value, bool IsPrompt = false);
