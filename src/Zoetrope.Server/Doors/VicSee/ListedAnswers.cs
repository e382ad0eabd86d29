using System.Collections.Concurrent;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog.Listing;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>
/// The catalogue as it goes over the line, made once for each rendering of it: up to a quarter of a megabyte that anybody may
/// ask for.
/// </summary>
internal sealed class ListedAnswers(CatalogListing listing)
{
    // What an answer was made of is the same memory as long as nothing has changed.
    private readonly ConcurrentDictionary<string, (ReadOnlyMemory<byte> Json, TaggedAnswer Answer)> _kept = new(StringComparer.Ordinal);

    public Answer List(ListingQuery query)
    {
        if (listing.Get(query).Failed(out var problem, out var models))
        {
            return problem;
        }

        return query.IsCommon ? Of($"{query.Type}?{query.IsFull}", models) : Enveloped(models).Answer();
    }

    /// <param name="name">Of the model, however a request may write it.</param>
    /// <param name="attached">The kinds of files that come with the request.</param>
    /// <param name="caller">The key that asks, if one does; it may see only some.</param>
    public Answer One(string name, Attached attached, Caller? caller)
    {
        var names = listing.Catalog.Names;
        if (names.Find(name, attached) is not { } model)
        {
            var near = string.Join(", ", names.Nearest(name, attached));
            return Problems.ModelNotFound.With(
                $"No model has this name.{(near.Length > 0 ? $" Did you mean: {near}?" : "")} GET /api/v1/models lists every model.",
                "model",
                ShortText.Of(name),
                near.Length > 0 ? near : "an id from GET /api/v1/models");
        }

        if (model.Lifecycle.Status is LifecycleStatus.Retired)
        {
            var instead = model.Lifecycle.Replacement is { } other ? $" Use {other}." : "";
            return Problems.ModelNotFound.With($"{model.Id} was retired.{instead}", "model", model.Id, model.Lifecycle.Replacement);
        }

        return caller?.Limits.AllowModel(model.Id) is false ? Admit.NotAllowed(caller, model.Id) : Of(model.Id, listing.Of(model));
    }

    private Answer Of(string key, ReadOnlyMemory<byte> json)
    {
        if (!_kept.TryGetValue(key, out var kept) || !kept.Json.Equals(json))
        {
            kept = (json, Enveloped(json));
            _kept[key] = kept;
        }

        return kept.Answer.Answer();
    }

    private static TaggedAnswer Enveloped(ReadOnlyMemory<byte> json) => new(
        JsonAnswer.Envelope(json, static (writer, value) => writer.WriteRawValue(value.Span, skipInputValidation: true)));
}
