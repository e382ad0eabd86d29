using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>
/// Checks a draft against the catalogue and fills in the defaults. Pure. The order of the checks is the order in which
/// a client learns what is wrong: model, prompt, names, values, combinations.
/// </summary>
internal static class RequestResolver
{
    public static Outcome<ResolvedRequest> Resolve(ModelCatalog catalog, Draft draft)
    {
        if (string.IsNullOrWhiteSpace(draft.Model))
        {
            return Problems.MissingModel.With("model is required", "model", allowed: $"an id from {draft.ModelList}");
        }

        if (Named(catalog, draft) is not { } model)
        {
            return UnknownModel(catalog, draft);
        }

        if (Retirement.Of(model) is { } retired)
        {
            return retired;
        }

        if (draft.Malformed is not null)
        {
            return draft.Malformed;
        }

        var prompt = ReadPrompt(model, draft);
        if (prompt.Failed(out var badPrompt))
        {
            return badPrompt;
        }

        if (UnknownFields.Find(catalog, model, draft) is { } unknown)
        {
            return unknown;
        }

        return ReadValues(model, prompt.Value, draft.Fields);
    }

    private static Outcome<ResolvedRequest> ReadValues(ModelSpec model, string prompt, IReadOnlyList<DraftField> fields)
    {
        var values = new ParameterValue[model.Parameters.Length];
        var given = 0UL;
        List<InputReference>? inputs = null;
        for (var i = 0; i < fields.Count; i++)
        {
            var field = fields[i];
            if (ValueReader.IsAbsent(field.Value) || UnknownFields.IndexOf(model, field.Name!) is not { } index)
            {
                continue;
            }

            var spec = model.Parameters[index];
            if (spec.IsList && field.Value.ValueKind == JsonValueKind.String)
            {
                field = field with { Value = ValueReader.Structured(field.Value, '[') };
                if (ValueReader.IsAbsent(field.Value))
                {
                    continue;
                }
            }

            if (spec.Input is not null)
            {
                if ((given & (1UL << index)) != 0)
                {
                    return Twice(field.Field);
                }

                inputs ??= [];
                var before = inputs.Count;
                if (InputReader.Read(spec, field, inputs) is { } badInput)
                {
                    return badInput;
                }

                values[index] = ParameterValue.Of(inputs.Count > before);
                given |= 1UL << index;
                continue;
            }

            var read = ValueReader.Read(spec, field.Field, field.Value);
            if (read.Failed(out var badValue))
            {
                return badValue;
            }

            if ((given & (1UL << index)) != 0 && values[index] != read.Value)
            {
                return Twice(field.Field);
            }

            values[index] = read.Value;
            given |= 1UL << index;
        }

        return Complete(model, prompt, values, given == 0, inputs);
    }

    private static Outcome<ResolvedRequest> Complete(
        ModelSpec model,
        string prompt,
        ParameterValue[] values,
        bool untouched,
        List<InputReference>? inputs)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!values[i].IsSet)
            {
                values[i] = model.Parameters[i].Default;
            }
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (!values[i].IsSet && Missing(model, model.Parameters[i], values) is { } missing)
            {
                return missing;
            }
        }

        if (RuleCheck.Broken(model, values) is { } broken)
        {
            return broken;
        }

        if (inputs is { Count: > 1 })
        {
            // Files travel in the model's order, whatever order the client wrote its fields in.
            inputs = [.. inputs.OrderBy(input => model.ParameterIndex[input.Parameter])];
        }

        return new ResolvedRequest
        {
            Model = model,
            Prompt = prompt,
            Parameters = untouched ? ParameterWriter.Defaults(model) : ParameterWriter.Write(model, values),
            Inputs = inputs ?? (IReadOnlyList<InputReference>)[],
            Seed = model.IndexOf("seed") is { } seed && values[seed].IsSet ? values[seed].Integer : null,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
        };
    }

    // The older API had one id per family: with an image it meant what is now the image-to-X model.
    private static ModelSpec? Named(ModelCatalog catalog, Draft draft)
    {
        var exact = catalog.Find(draft.Model!);
        return exact is not null && string.Equals(draft.Model, exact.Id, StringComparison.OrdinalIgnoreCase)
            ? exact
            : catalog.Names.Find(draft.Model!, AttachedTo(draft));
    }

    private static Attached AttachedTo(Draft draft) => new(
        [.. draft.Fields.Where(field => field.Name is not null && !ValueReader.IsAbsent(field.Value)).Select(field => field.Name!)], []);

    private static Outcome<string> ReadPrompt(ModelSpec model, Draft draft)
    {
        var prompt = draft.Prompt ?? draft.OtherPrompt;
        if (draft is { Prompt: { } first, OtherPrompt: { } second } && first.Text != second.Text)
        {
            return Problems.InvalidParameter.With(
                $"The prompt is given in both {first.Field} and {second.Field}, and they differ. Send it once.",
                second.Field,
                ShortText.Of(second.Text),
                "one prompt");
        }

        if (prompt is { Text: null })
        {
            return Problems.InvalidParameter.With(
                $"{prompt.Field} must be a valid string of at most {ValueReader.MaxText} bytes.", prompt.Field, allowed: "a string");
        }

        if (string.IsNullOrWhiteSpace(prompt?.Text))
        {
            return model.Prompt.Required
                ? Problems.MissingPrompt.With("prompt is required", prompt?.Field ?? "prompt", allowed: PromptLengths(model))
                : "";
        }

        var text = prompt.Text;
        if (!Characters.IsWithin(text, model.Prompt.MinLength, model.Prompt.MaxLength))
        {
            return Problems.InvalidParameter.With(
                $"{prompt.Field} has {Characters.Count(text)} characters; {model.Id} accepts {PromptLengths(model)}.",
                prompt.Field,
                ShortText.Of(text),
                PromptLengths(model));
        }

        // PostgreSQL cannot store it and no model can draw it.
        return text.Contains('\0')
            ? Problems.InvalidParameter.With($"{prompt.Field} contains the character U+0000.", prompt.Field, allowed: "text without U+0000")
            : text;
    }

    private static Problem? Missing(ModelSpec model, ParameterSpec spec, ParameterValue[] values)
    {
        if (spec.Required)
        {
            return Problems.MissingParameter.With($"{spec.Name} is required by {model.Id}.", spec.Name, allowed: spec.Allowed());
        }

        return spec.RequiredWhen is { } when && model.Parameters[when.Index].OrdinalOf(values[when.Index]) == when.Ordinal
            ? Problems.MissingParameter.With(
                $"{spec.Name} is required when {when.Parameter} is {when.Text}.", spec.Name, allowed: spec.Allowed())
            : null;
    }

    private static Problem UnknownModel(ModelCatalog catalog, Draft draft)
    {
        var nearest = string.Join(", ", catalog.Names.Nearest(draft.Model!, AttachedTo(draft)));
        var hint = nearest.Length > 0 ? $" Did you mean: {nearest}?" : "";
        return Problems.InvalidModel.With(
            $"Invalid model.{hint} {draft.ModelList} lists every model.",
            "model",
            ShortText.Of(draft.Model),
            nearest.Length > 0 ? nearest : $"an id from {draft.ModelList}");
    }

    private static Problem Twice(string field) => Problems.InvalidParameter.With(
        $"{field} is given more than once with different values.", field, allowed: "one value");

    private static string PromptLengths(ModelSpec model) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, model.Prompt.MinLength)} to {model.Prompt.MaxLength} characters");
}
