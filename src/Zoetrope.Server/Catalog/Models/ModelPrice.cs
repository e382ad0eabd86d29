namespace Zoetrope.Server.Catalog.Models;

/// <summary>Prices that can be said before there is a request.</summary>
internal static class ModelPrice
{
    /// <summary>The price of a request that sets no parameter, where no input file decides it.</summary>
    public static long? Default(ModelSpec model)
    {
        if (model.Output.NeedsInput)
        {
            return null;
        }

        var values = model.Parameters.Select(parameter => parameter.Default).ToArray();
        var output = model.Output.Resolve(values, []);
        if (output.Problem is not null)
        {
            return null;
        }

        var quote = model.Price.Quote(new PriceQuantities
        {
            Values = values,
            OutputMilliseconds = PriceRule.Milliseconds(output.Value.DurationSeconds),
            OutputPixels = (long)output.Value.Width * output.Value.Height,
        });
        return quote.Problem is null ? quote.Value : null;
    }

    /// <summary>The lowest price of any request.</summary>
    public static long From(ModelSpec model)
    {
        var input = model.Parameters
            .Where(parameter => parameter.Input == InputKind.Video)
            .Select(parameter => (long)Math.Ceiling(parameter.Limits?.MinSeconds ?? 1))
            .DefaultIfEmpty(1)
            .Min();
        var output = model.Output switch
        {
            { SecondsFrom: { } place } => ParameterMinimum(model.Parameters[place]),
            { Kind: OutputKind.Edit or OutputKind.Upscale } => input,
            var rule => rule.Seconds,
        };
        return model.Price.From(output, input);
    }

    private static long ParameterMinimum(ParameterSpec parameter) =>
        parameter.Integers.Length > 0 ? parameter.Integers[0] : (long)(parameter.Min ?? 1);
}
