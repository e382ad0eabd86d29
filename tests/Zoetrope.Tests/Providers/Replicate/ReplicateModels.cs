using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Replicate;

/// <summary>What Replicate's pages say of the models of the catalogue: every input that they have, and nothing else.</summary>
internal static class ReplicateModels
{
    private const string Seedance = "prompt text 4000; image file; last_frame_image file; duration whole -1..15; aspect_ratio one 16:9|4:3|1:1|3:4|9:16|21:9|9:21|adaptive; generate_audio flag; seed whole 0..2147483647";
    private const string SeedanceFiles = "reference_images files 9; reference_videos files 3; reference_audios files 3";
    private const string Veo = "prompt! text; image file; last_frame file; duration whole 4..8; aspect_ratio one 16:9|9:16; resolution one 720p|1080p; seed whole 0..4294967295";
    private const string Banana = "prompt! text; image_input files 14; aspect_ratio one match_input_image|21:9|16:9|3:2|4:3|5:4|1:1|4:5|3:4|2:3|9:16; output_format one jpg|png";
    private const string Kling = "prompt! text 2500; mode one standard|pro|4k; duration whole 3..15; aspect_ratio one 16:9|9:16|1:1; negative_prompt text 2500; multi_prompt shots-text; generate_audio flag";

    private const string Flux =
        "prompt! text; aspect_ratio one match_input_image|custom|1:1|16:9|9:16|4:3|3:4|3:2|2:3|4:5|5:4|21:9|9:21; resolution one 0.5 MP|1 MP|2 MP|4 MP|match_input_image; "
        + "width whole 256..2048; height whole 256..2048; safety_tolerance whole 1..5; seed whole 0..2147483647; output_format one webp|jpg|png; output_quality whole 0..100";

    public static IReadOnlyDictionary<string, VendorSchema> All { get; } = new Dictionary<string, VendorSchema>(StringComparer.Ordinal)
    {
        ["bytedance/seedance-2.0"] = new(Seedance, SeedanceFiles, "resolution one 480p|720p|1080p|4k"),
        ["bytedance/seedance-2.0-fast"] = new(Seedance, SeedanceFiles, "resolution one 480p|720p"),
        ["bytedance/seedance-2.0-mini"] = new(Seedance, SeedanceFiles, "resolution one 480p|720p"),
        ["bytedance/seedance-2.5"] = new(Seedance, "duration whole -1..30; resolution one 480p|720p; reference_images files 30; reference_videos files 10; reference_audios files 10; output_format one mp4|mov; watermark flag"),
        ["google/veo-3.1"] = new(Veo, "generate_audio flag; negative_prompt text; reference_images files 3"),
        ["google/veo-3.1-fast"] = new(Veo, "generate_audio flag; negative_prompt text"),
        ["google/veo-3.1-lite"] = new(Veo),
        ["google/nano-banana"] = new(Banana),
        ["google/nano-banana-2"] = new(Banana, "resolution one 1K|2K|4K; google_search flag; image_search flag"),
        ["google/nano-banana-pro"] = new(Banana, "resolution one 1K|2K|4K; safety_filter_level text; allow_fallback_model flag"),
        ["black-forest-labs/flux-2-pro"] = new(Flux, "input_images files 8"),
        ["black-forest-labs/flux-2-flex"] = new(Flux, "input_images files 10; prompt_upsampling flag; steps whole 1..50; guidance number 1..10"),
        ["black-forest-labs/flux-2-max"] = new(Flux, "input_images files 8"),
        ["black-forest-labs/flux-2-klein-4b"] = new(Flux, "input_images files 4"),
        ["black-forest-labs/flux-2-klein-9b"] = new(Flux, "input_images files 4"),
        ["kwaivgi/kling-v3-video"] = new(Kling, "start_image file; end_image file"),
        ["kwaivgi/kling-v3-omni-video"] = new(Kling, "start_image file; end_image file; reference_images files 7; reference_video file"),
        ["topazlabs/image-upscale"] = new("image! file; enhance_model text; upscale_factor one None|2x|4x|6x; output_format one jpg|png; subject_detection text; face_enhancement flag"),
    };
}
