using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>Writes resolved parameters as canonical JSON: the model's order, no spaces, no files.</summary>
internal static class ParameterWriter
{
    private static readonly ConditionalWeakTable<ModelSpec, byte[]> _defaults = [];

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _scratch;

    /// <summary>The parameters of a request that sets none; written once per model.</summary>
    public static ReadOnlyMemory<byte> Defaults(ModelSpec model) => _defaults.GetValue(
        model,
        static model => Write(model, [.. model.Parameters.Select(parameter => parameter.Default)]));

    public static byte[] Write(ModelSpec model, ReadOnlySpan<ParameterValue> values)
    {
        var (buffer, writer) = _scratch ??= NewScratch();
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        writer.WriteStartObject();
        for (var i = 0; i < values.Length; i++)
        {
            var spec = model.Parameters[i];
            if (values[i].IsSet && spec.Input is null)
            {
                writer.WritePropertyName(spec.Name);
                WriteValue(writer, spec, values[i]);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static void WriteValue(Utf8JsonWriter writer, ParameterSpec spec, in ParameterValue value)
    {
        switch (spec.Type)
        {
            case ParameterType.Boolean:
                writer.WriteBooleanValue(value.Integer == 1);
                break;
            case ParameterType.Integer:
                writer.WriteNumberValue(value.Integer);
                break;
            case ParameterType.Number:
                writer.WriteNumberValue(value.Real);
                break;
            case ParameterType.String:
                writer.WriteStringValue(value.Text);
                break;
            default:
                writer.WriteRawValue(value.Text!, skipInputValidation: true);
                break;
        }
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) NewScratch()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        return (buffer, new Utf8JsonWriter(buffer, WireJson.Writer));
    }
}
