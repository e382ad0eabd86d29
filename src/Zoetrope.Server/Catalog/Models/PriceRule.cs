using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>
/// What a request costs: one of a closed set of shapes. Pure, whole numbers only; every quantity is capped before
/// it is multiplied, and whatever has no price is refused.
/// </summary>
internal abstract record PriceRule
{
    /// <summary>No single generation costs more; a catalogue that says otherwise is refused.</summary>
    public const long MaxCredits = 1_000_000;

    /// <summary>Ten hours; far above every limit, so that a broken probe cannot overflow a product.</summary>
    public const long MaxSeconds = 36_000;

    /// <summary>A length as it is billed. Containers say 5.000000001; a nanosecond is not a started second.</summary>
    public static long Milliseconds(double? seconds) => seconds is { } value and > 0
        ? (long)Math.Ceiling(Math.Min(value, MaxSeconds) * 1000 - 1e-3)
        : 0;

    /// <summary>What input images add; null where they add nothing.</summary>
    public ImagePrice? Images { get; init; }

    public Outcome<long> Quote(in PriceQuantities quantities)
    {
        var credits = Calculate(quantities);
        if (credits.Problem is not null)
        {
            return credits;
        }

        var all = checked(credits.Value + (Images?.Of(quantities) ?? 0));
        return all is > 0 and <= MaxCredits
            ? all
            : Problems.InvalidParameter.With($"The price of this request exceeds the limit of {MaxCredits} credits for one task.");
    }

    /// <summary>The same rule over another unit than credits, without their limit; null where it says nothing about the request.</summary>
    public long? Measure(in PriceQuantities quantities) =>
        Calculate(quantities) is { Problem: null, Value: > 0 and var amount } ? amount : null;

    /// <summary>Whether the price depends on the exact size of the result, which may follow from an input file.</summary>
    public virtual bool NeedsPixels => false;

    /// <summary>The places of the parameters that it depends on.</summary>
    public virtual IEnumerable<int> Keys => [];

    /// <summary>The sizes, in megapixels, up to which one amount is charged.</summary>
    public virtual IEnumerable<long> Steps => [];

    /// <summary>What each second costs and how many are billed; null where time has no price.</summary>
    public virtual SecondRate? Rate(in PriceQuantities quantities) => null;

    /// <summary>The lowest price a request can have.</summary>
    public abstract long From(long minOutputSeconds, long minInputSeconds);

    protected abstract Outcome<long> Calculate(in PriceQuantities quantities);

    /// <summary>Whole seconds, rounded up: a started second is a second.</summary>
    protected static long WholeSeconds(long milliseconds) =>
        (Math.Clamp(milliseconds, 0, MaxSeconds * 1000) + 999) / 1000;

    private static Problem Unpriced() =>
        Problems.ModelUnavailable.With("This combination of parameters has no price, so it cannot be ordered.");

    /// <summary>Credits by parameter values; no keys is a flat price.</summary>
    internal sealed record Table(PriceTable Prices) : PriceRule
    {
        public override IEnumerable<int> Keys => Prices.Keys;

        public override long From(long minOutputSeconds, long minInputSeconds) => Prices.Lowest;

        protected override Outcome<long> Calculate(in PriceQuantities quantities) =>
            Prices.Find(quantities.Values) is { } credits ? credits : Unpriced();
    }

    /// <summary>A rate for each second of output, of input, or of both.</summary>
    internal sealed record PerSecond(PriceTable Rates, SecondsBase Base) : PriceRule
    {
        public override IEnumerable<int> Keys => Rates.Keys;

        public override long From(long minOutputSeconds, long minInputSeconds) => Rates.Lowest * Base switch
        {
            SecondsBase.Output => minOutputSeconds,
            SecondsBase.Input => minInputSeconds,
            _ => minOutputSeconds + minInputSeconds,
        };

        public override SecondRate? Rate(in PriceQuantities quantities) => Rates.Find(quantities.Values) is { } rate
            ? new SecondRate(rate, Base switch
            {
                SecondsBase.Output => WholeSeconds(quantities.OutputMilliseconds),
                SecondsBase.Input => WholeSeconds(quantities.InputVideoMilliseconds),
                _ => WholeSeconds(quantities.OutputMilliseconds) + WholeSeconds(quantities.InputVideoMilliseconds),
            })
            : null;

        protected override Outcome<long> Calculate(in PriceQuantities quantities) =>
            Rate(quantities) is { Seconds: > 0 } rate ? checked(rate.Credits * rate.Seconds) : Unpriced();
    }

    /// <summary>One rule with a reference video, another without.</summary>
    internal sealed record IfVideoReference(PriceRule Then, PriceRule Else) : PriceRule
    {
        public override long From(long minOutputSeconds, long minInputSeconds) =>
            Math.Min(Then.From(minOutputSeconds, minInputSeconds), Else.From(minOutputSeconds, minInputSeconds));

        public override bool NeedsPixels => Then.NeedsPixels || Else.NeedsPixels;

        public override IEnumerable<int> Keys => Then.Keys.Union(Else.Keys);

        public override IEnumerable<long> Steps => Then.Steps.Union(Else.Steps);

        public override SecondRate? Rate(in PriceQuantities quantities) => (quantities.HasVideoInput ? Then : Else).Rate(quantities);

        protected override Outcome<long> Calculate(in PriceQuantities quantities) =>
            (quantities.HasVideoInput ? Then : Else).Calculate(quantities);
    }

    /// <summary>Credits by the size of the result; above the last tier the request is refused.</summary>
    internal sealed record OutputMegapixels(ImmutableArray<MegapixelTier> Tiers) : PriceRule
    {
        public override bool NeedsPixels => true;

        public override IEnumerable<long> Steps => Tiers.Select(tier => tier.UpTo);

        public override long From(long minOutputSeconds, long minInputSeconds) => Tiers[0].Credits;

        protected override Outcome<long> Calculate(in PriceQuantities quantities)
        {
            if (quantities.OutputPixels <= 0)
            {
                return Unpriced();
            }

            foreach (var tier in Tiers)
            {
                if (quantities.OutputPixels <= tier.UpTo * 1_000_000)
                {
                    return tier.Credits;
                }
            }

            var largest = Tiers[^1].UpTo;
            return Problems.InvalidParameter.With(
                $"The result would have {(quantities.OutputPixels + 999_999) / 1_000_000} megapixels; at most {largest} are possible. "
                + "Use a smaller factor or image.",
                allowed: $"at most {largest} megapixels of output");
        }
    }
}

internal enum SecondsBase
{
    Output,
    Input,
    InputAndOutput,
}

/// <summary>Added to a price for each input image after the first few.</summary>
/// <param name="Each">For one image; where it says nothing, the image costs nothing.</param>
/// <param name="Free">How many the price of the result includes.</param>
internal sealed record ImagePrice(PriceRule Each, int Free)
{
    public long Of(in PriceQuantities quantities) =>
        quantities.InputImages > Free ? checked((quantities.InputImages - Free) * (Each.Measure(quantities) ?? 0)) : 0;
}

/// <summary>A price by time: the credits of each second and the seconds that are billed.</summary>
internal readonly record struct SecondRate(long Credits, long Seconds);

/// <summary>Up to this many megapixels (10⁶) of output cost this many credits.</summary>
internal sealed record MegapixelTier(long UpTo, long Credits);

/// <summary>What a price can depend on.</summary>
internal readonly ref struct PriceQuantities
{
    public required ReadOnlySpan<ParameterValue> Values { get; init; }

    public bool HasVideoInput { get; init; }

    public long InputVideoMilliseconds { get; init; }

    public long OutputMilliseconds { get; init; }

    public long OutputPixels { get; init; }

    public int InputImages { get; init; }
}
