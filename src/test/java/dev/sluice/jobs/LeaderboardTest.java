package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeaderboardTest {
    private static Leaderboard parse(String csv) throws Leaderboard.Unreadable {
        return Leaderboard.parse(csv.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> order(String csv) throws Leaderboard.Unreadable {
        return parse(csv).rows().stream().map(row -> row.model().asText()).toList();
    }

    static List<Arguments> orders() {
        return List.of(
                arguments("a rank column", "rank,model,accuracy\n2,b,9\n10,c,8\n1,a,7\n", List.of("a", "b", "c")),
                arguments("a rank column named otherwise", "model,Rank\nb,2\na,1\n", List.of("a", "b")),
                arguments("accuracy", "model,accuracy\nb,0.5\na,0.9\nc,-1e-3\n", List.of("a", "b", "c")),
                arguments(
                        "the first score, not the better known",
                        "model,rmse,r2\nb,2,0.9\na,1,0.1\n",
                        List.of("a", "b")),
                arguments("r2", "model,fit_time,R2\nb,1,-3\na,2,0.1\n", List.of("a", "b")),
                arguments("f1 as sklearn names it", "model,f1_score\nb,0.1\na,0.2\n", List.of("a", "b")),
                arguments("a validation score", "model,val_roc_auc\nb,0.1\na,0.2\n", List.of("a", "b")),
                arguments("AutoGluon's score", "model,score_val\nb,-2\na,-1\n", List.of("a", "b")),
                arguments("a mean squared error", "model,MSE\nb,10\na,9\n", List.of("a", "b")),
                arguments("a test loss", "model,test loss\nb,0.2\na,0.1\n", List.of("a", "b")),
                arguments("an error without a leading zero", "model,error_rate\nb,.9\na,.1\n", List.of("a", "b")),
                arguments("a forecast's error", "model,mase\nb,2.0\na,1.0\n", List.of("a", "b")),
                arguments("a forecast's loss", "model,WQL\nb,2.0\na,1.0\n", List.of("a", "b")),
                arguments("an error as sklearn names it", "model,mean_squared_error\nb,2\na,1\n", List.of("a", "b")),
                arguments("the same for another", "model,val_mean_absolute_error\nb,2\na,1\n", List.of("a", "b")),
                arguments("a square as people write it", "algorithm,R²\nb,0.1\na,0.9\n", List.of("a", "b")),
                arguments("nothing known: the file's", "model,colour\nb,1\na,2\n", List.of("b", "a")),
                arguments("equal scores: the file's", "model,auc\nb,1\na,1\nc,2\n", List.of("c", "b", "a")),
                arguments("no score comes last", "model,loss\nb,NaN\nc,\na,3\nd,inf\n", List.of("a", "b", "c", "d")),
                arguments("text among scores comes last", "model,loss\nb,failed\na,3\n", List.of("a", "b")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("orders")
    void bestComesFirstBy(String what, String csv, List<String> best) throws Leaderboard.Unreadable {
        assertThat(order(csv)).as(what).isEqualTo(best);
    }

    @Test
    void cellsBecomeNumbersTextOrNull() throws Leaderboard.Unreadable {
        String csv = "\uFEFF,Model Name, accuracy ,params,when,empty,odd\r\n"
                + "0,\"Forest, \"\"deep\"\"\",0.90,1e3,2026-01-01,,007\r\n"
                + "1,Linear,0.95,+2,n/a\r\n";
        assertThat(Json.text(parse(csv).toJson()))
                .isEqualTo("{\"leaderboard\":["
                        + "{\"rank\":1,\"model\":\"Linear\",\"accuracy\":0.95,\"params\":2,\"when\":null,\"empty\":null,"
                        + "\"odd\":null},"
                        + "{\"rank\":2,\"model\":\"Forest, \\\"deep\\\"\",\"accuracy\":0.90,\"params\":1000,"
                        + "\"when\":\"2026-01-01\",\"empty\":null,\"odd\":\"007\"}]}");
    }

    @Test
    void aRankOfTheFileIsKept() throws Leaderboard.Unreadable {
        assertThat(Json.text(parse("rank,name,rank,model\n7,x,1,y\n").toJson()))
                .isEqualTo("{\"leaderboard\":[{\"rank\":7,\"model\":\"y\",\"name\":\"x\"}]}");
    }

    @Test
    void aTableWithoutModelsHasNone() throws Leaderboard.Unreadable {
        assertThat(Json.text(parse("score\n1\n").toJson()))
                .isEqualTo("{\"leaderboard\":[{\"rank\":1,\"model\":null,\"score\":1}]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "model,accuracy", "model,accuracy\n"})
    void aFileWithoutRowsIsEmpty(String csv) throws Leaderboard.Unreadable {
        assertThat(parse(csv).rows()).isEmpty();
    }

    @Test
    void sizeRowsColumnsAndQuotesAreChecked() throws Leaderboard.Unreadable {
        assertThat(parse("model\n" + "x\n".repeat(10_000)).rows()).hasSize(10_000);
        List.of(
                        "model\n" + "x\n".repeat(10_001),
                        "c,".repeat(256) + "c\n",
                        "model\n\"never closed\n",
                        "x".repeat(Leaderboard.MAX_SIZE + 1))
                .forEach(csv -> assertThatThrownBy(() -> parse(csv)).isInstanceOf(Leaderboard.Unreadable.class));
    }
}
