using System.Globalization;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>Prices a resolved request once its input files are known. Pure.</summary>
internal static class RequestPricing
{
    public static Outcome<Quote> Price(ResolvedRequest request, IReadOnlyList<ResolvedInput> inputs)
    {
        var model = request.Model;
        if (Unread(request, inputs) is { } unread)
        {
            return unread;
        }

        var video = Total(inputs, InputKind.Video);
        var audio = Total(inputs, InputKind.Audio);
        if ((TooLong(model, InputKind.Video, video, model.TotalVideoSeconds)
            ?? TooLong(model, InputKind.Audio, audio, model.TotalAudioSeconds)
            ?? OutOfRange(model, inputs)) is { } problem)
        {
            return problem;
        }

        var output = model.Output.Resolve(request.Values.AsSpan(), inputs);
        if (output.Failed(out var shapeless))
        {
            return shapeless;
        }

        var quantities = new PriceQuantities
        {
            Values = request.Values.AsSpan(),
            HasVideoInput = video > 0,
            InputVideoMilliseconds = video,
            OutputMilliseconds = PriceRule.Milliseconds(output.Value.DurationSeconds),
            OutputPixels = (long)output.Value.Width * output.Value.Height,
            InputImages = model.Price.Images is null ? 0 : request.Inputs.Count(input => input.Kind is InputKind.Image),
        };
        return model.Price.Quote(quantities).Failed(out var unpriced, out var credits)
            ? unpriced with { Field = unpriced.Field ?? (inputs.Count > 0 ? inputs[0].Reference.Field : null) }
            : new Quote(credits, output.Value, model.Price.Rate(quantities));
    }

    /// <summary>The price where no file decides it; null where one does.</summary>
    public static long? WithoutFiles(ResolvedRequest request) =>
        request.Model.Output.NeedsInput || request.Model.Price.NeedsPixels
        || request.Inputs.Any(input => input.Kind is not InputKind.Image)
        || Price(request, []).Failed(out _, out var quote)
            ? null
            : quote.Credits;

    /// <summary>How long an input video is billed; null for any other file.</summary>
    public static long? VideoMilliseconds(ResolvedInput input) =>
        input.Reference.Kind is InputKind.Video ? Billed(input) : null;

    // An unreadable length still counts as an input, so that it can never make a request cheaper.
    private static long Billed(ResolvedInput input) => Math.Max(1, PriceRule.Milliseconds(input.Probe.DurationSeconds));

    private static long Total(IReadOnlyList<ResolvedInput> inputs, InputKind kind)
    {
        var total = 0L;
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].Reference.Kind == kind)
            {
                total += Billed(inputs[i]);
            }
        }

        return total;
    }

    // A video decides the price, so a request must never be priced as if it had none.
    private static Problem? Unread(ResolvedRequest request, IReadOnlyList<ResolvedInput> inputs)
    {
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var reference = request.Inputs[i];
            if (reference.Kind == InputKind.Video && !inputs.Any(input => input.Reference == reference))
            {
                return Problems.InvalidInput.With($"{reference.Field} has not been read, but the price depends on it.", reference.Field);
            }
        }

        return null;
    }

    private static Problem? TooLong(ModelSpec model, InputKind kind, long milliseconds, int? limit)
    {
        if (limit is not { } seconds || milliseconds <= seconds * 1000L)
        {
            return null;
        }

        var word = kind.ToString().ToLowerInvariant();
        var given = string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000.0:0.###} s");
        return Problems.InvalidParameter.With(
            $"The {word} inputs are {given} long in total; {model.Id} accepts at most {seconds} s.",
            model.Parameters.First(parameter => parameter.Input == kind).Name,
            given,
            string.Create(CultureInfo.InvariantCulture, $"at most {seconds} s in total"));
    }

    private static Problem? OutOfRange(ModelSpec model, IReadOnlyList<ResolvedInput> inputs)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            var (reference, _, probe) = inputs[i];
            if (reference.Kind == InputKind.Image || !model.ParameterIndex.TryGetValue(reference.Parameter, out var index))
            {
                continue;
            }

            var limits = model.Parameters[index].Limits ?? new InputLimits();
            if (probe.DurationSeconds is not ({ } seconds and > 0))
            {
                return Problems.InvalidInput.With($"The duration of {reference.Field} could not be read.", reference.Field);
            }

            if (seconds < limits.MinSeconds || seconds > limits.MaxSeconds)
            {
                return Problems.InvalidParameter.With(
                    string.Create(CultureInfo.InvariantCulture, $"{reference.Field} is {seconds:0.###} s long. Allowed: {Range(limits)}."),
                    reference.Field,
                    string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###} s"),
                    Range(limits));
            }
        }

        return null;
    }

    private static string Range(InputLimits limits) => (limits.MinSeconds, limits.MaxSeconds) switch
    {
        ({ } min, { } max) => string.Create(CultureInfo.InvariantCulture, $"{min} to {max} s"),
        ({ } min, null) => string.Create(CultureInfo.InvariantCulture, $"at least {min} s"),
        (null, { } max) => string.Create(CultureInfo.InvariantCulture, $"at most {max} s"),
        _ => "any length",
    };
}
