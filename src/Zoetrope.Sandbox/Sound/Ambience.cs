using System.Buffers.Binary;
using Zoetrope.Sandbox.Drawing;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Sound;

/// <summary>A synthesized sound track for a scene: filtered noise for sea, wind, rain and fire, and a soft chord.</summary>
internal static class Ambience
{
    public const int Rate = 48_000;

    /// <summary>Writes a 16-bit stereo WAV of exactly that many samples.</summary>
    public static void Write(string path, Scene scene, long samples)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        Header(file, samples);
        var water = scene.Place is Place.Sea or Place.Beach or Place.River or Place.Waterfall or Place.Lake or Place.Underwater;
        var rain = (scene.Weather & (Weather.Rain | Weather.Storm)) != 0 ? 0.2f : 0;
        var wind = scene.Place is Place.Mountains or Place.Desert or Place.Arctic or Place.Sky || scene.Weather.HasFlag(Weather.Wind)
            ? 0.5f : 0.12f;
        var city = scene.Place is Place.City or Place.Street ? 0.3f : 0;
        var fire = scene.Casts.Any(static cast => cast.Kind is "campfire" or "candle") ? 0.5f : 0;
        var dice = new Dice(scene.Seed).Fork(5);
        var root = 110f * MathF.Pow(2, dice.Pick(1, 7) / 12f);
        var minor = scene.Time is Daytime.Night or Daytime.Dusk || rain > 0;
        ReadOnlySpan<float> chord = [1, minor ? 1.1892f : 1.2599f, 1.4983f, 2];
        var noise = scene.Seed | 1;
        var (low, lower, crackle) = (0f, 0f, 0f);
        var buffer = new byte[Rate / 10 * 4];
        var used = 0;
        Span<float> weights = stackalloc float[chord.Length];
        var (swell, gust) = (0f, 0f);
        for (long i = 0; i < samples; i++)
        {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            var white = (noise / 2147483648f) - 1;
            var t = (float)(i / (double)Rate);
            low += (white - low) * 0.06f;
            lower += (white - lower) * 0.012f;
            if (i % 64 == 0)
            {
                // What changes over seconds need not be computed for every sample.
                (swell, gust) = (0.5f + (0.5f * MathF.Sin(t * 0.9f)), 1.4f + MathF.Sin(t * 0.5f));
                for (var n = 0; n < chord.Length; n++)
                {
                    weights[n] = 0.6f + (0.4f * MathF.Sin((t * 0.25f) + n));
                }
            }

            var bed = (water ? low * (0.25f + (0.75f * swell)) * 1.1f : 0) + (lower * wind * gust) + (white * rain * 0.35f)
                + (lower * city * 2.5f);
            if (fire > 0 && white > 0.9995f)
            {
                crackle = 1;
            }

            crackle *= 0.994f;
            var pad = 0f;
            for (var n = 0; n < chord.Length; n++)
            {
                pad += MathF.Sin(root * chord[n] * t * MathF.Tau) * weights[n];
            }

            var fade = Math.Min(1, Math.Min(t * 2, (samples - i) / (float)Rate * 2));
            var left = ((bed * 0.8f) + (pad * 0.035f) + (crackle * white * fire)) * fade * 0.55f;
            var right = ((bed * 0.75f) + (lower * 0.1f) + (pad * 0.035f) + (crackle * white * fire * 0.7f)) * fade * 0.55f;
            BinaryPrimitives.WriteInt16LittleEndian(buffer.AsSpan(used), (short)(Math.Clamp(left, -1, 1) * 30000));
            BinaryPrimitives.WriteInt16LittleEndian(buffer.AsSpan(used + 2), (short)(Math.Clamp(right, -1, 1) * 30000));
            used += 4;
            if (used == buffer.Length)
            {
                file.Write(buffer);
                used = 0;
            }
        }

        file.Write(buffer, 0, used);
    }

    private static void Header(Stream file, long samples)
    {
        Span<byte> header = stackalloc byte[44];
        var bytes = (uint)(samples * 4);
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 36 + bytes);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], 2);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], Rate);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], Rate * 4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[32..], 4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], bytes);
        file.Write(header);
    }
}
